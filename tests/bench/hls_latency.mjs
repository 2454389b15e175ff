// Plays Low-Latency HLS with hls.js in headless Chromium, and reads from each picture when it was made.
//
//     node hls_latency.mjs URL SETTLE SECONDS
//
// Pictures have a row of blocks at the top, see hls_latency.py: white or black, 24 bits of the milliseconds since the
// epoch, then 8 that check them. Each picture that is shown is read once, at the time of requestVideoFrameCallback().
// After SETTLE seconds of play, for SECONDS, and then one JSON object: latencies in ms, and hls.js's own figures.

import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const [url, settle, seconds] = process.argv.slice(2);
const require = createRequire(new URL('../e2e/lib/players/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const library = require.resolve('hls.js/dist/hls.js');

const page = `<!doctype html><meta charset="utf-8"><video id="v" muted autoplay playsinline></video>
<script src="/library.js"></script>
<script>
const BITS = 32, BLOCK = 32;
const video = document.getElementById('v'), errors = [], warnings = {}, latencies = [];
const canvas = new OffscreenCanvas(BITS, 1), context = canvas.getContext('2d', { willReadFrequently: true });
let measuring = false, unreadable = 0;
const player = new Hls({ lowLatencyMode: true, enableWorker: true });
player.on(Hls.Events.ERROR, (_, data) => {
  if (data.fatal) errors.push(data.type + ' ' + data.details);
  else warnings[data.details] = (warnings[data.details] || 0) + 1;
});
const loaded = { parts: 0, segments: 0 };
player.on(Hls.Events.FRAG_LOADED, (_, data) => { loaded[data.part ? 'parts' : 'segments']++; });
player.loadSource(${JSON.stringify(url)});
player.attachMedia(video);
function born(now) {
  // The middle of each block becomes one pixel.
  context.imageSmoothingEnabled = false;
  context.drawImage(video, 0, BLOCK / 2 - 1, BITS * BLOCK, 2, 0, 0, BITS, 1);
  const pixels = context.getImageData(0, 0, BITS, 1).data;
  let value = 0, check = 0;
  for (let i = 0; i < 24; i++) value = value * 2 + (pixels[4 * i] > 127);
  for (let i = 24; i < 32; i++) check = check * 2 + (pixels[4 * i] > 127);
  if (check !== ((value & 255) ^ (value >> 8 & 255) ^ (value >> 16 & 255) ^ 0x5a)) return null;
  const age = ((now & 0xffffff) - value + 0x1000000) & 0xffffff;
  return age < 0x800000 ? age : age - 0x1000000;
}
function shown() {
  video.requestVideoFrameCallback(shown);
  if (!measuring) return;
  const age = born(Date.now() % 0x1000000);
  if (age === null) unreadable++;
  else latencies.push(age);
}
video.requestVideoFrameCallback(shown);
window.begin = () => { measuring = true; };
window.report = () => ({ latencies, unreadable, errors, warnings, loaded, played: video.currentTime,
  hlsLatency: player.latency, targetLatency: player.targetLatency,
  dropped: video.getVideoPlaybackQuality().droppedVideoFrames });
</script>`;

const server = createServer((request, response) => {
  if (request.url === '/library.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(library));
  else response.writeHead(200, { 'content-type': 'text/html' }).end(page);
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const browsers = [process.env.SRS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const browser = await chromium.launch({
  executablePath: browsers.find(path => path && existsSync(path)),
  args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu', '--disable-dev-shm-usage',
         '--no-proxy-server', '--autoplay-policy=no-user-gesture-required'],
});
try {
  const tab = await browser.newPage();
  tab.on('pageerror', error => console.error(String(error)));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  await tab.waitForFunction(() => document.getElementById('v').currentTime > 0 && !document.getElementById('v').paused &&
                                  document.getElementById('v').readyState >= 3, null, { timeout: 30000 });
  await new Promise(resolve => setTimeout(resolve, 1000 * Number(settle)));
  await tab.evaluate(() => window.begin());
  await new Promise(resolve => setTimeout(resolve, 1000 * Number(seconds)));
  console.log(JSON.stringify(await tab.evaluate(() => window.report())));
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
