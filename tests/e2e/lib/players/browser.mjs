// Plays a live URL in headless Chromium with mpegts.js, hls.js or shaka-player.
//
//     node browser.mjs mpegts|hls|shaka URL FRAMES SECONDS PATIENCE [OPTIONS]
//
// OPTIONS is JSON: config (of the library's player), levels (hls.js: indexes to switch to, each once the
// one before it is on the screen).
//
// Serves a page and the library on a port of its own, so the stream is
// cross-origin for the page. Prints a line of JSON four times a second. Exit status 0
// once FRAMES pictures were decoded, SECONDS played and all levels were seen, 1 after PATIENCE seconds without.

import { createServer } from 'node:http';
import { readFileSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [library, url, frames, seconds, patience, json] = process.argv.slice(2);
const options = json ? JSON.parse(json) : {};
const require = createRequire(import.meta.url);
const scripts = { mpegts: require.resolve('mpegts.js/dist/mpegts.js'), hls: require.resolve('hls.js/dist/hls.js'),
                  shaka: require.resolve('shaka-player/dist/shaka-player.compiled.js') };

const page = `<!doctype html><meta charset="utf-8"><video id="v" muted autoplay playsinline></video>
<script src="/library.js"></script>
<script>
const errors = [], video = document.getElementById('v');
video.addEventListener('error', () => errors.push('video: ' + (video.error && video.error.message)));
const url = ${JSON.stringify(url)}, options = ${JSON.stringify(options)};
const warnings = [], switched = [], codecs = new Set(), loaded = { parts: 0, segments: 0 };
let more = () => ({});
if (${JSON.stringify(library)} === 'mpegts') {
  const player = mpegts.createPlayer({ type: 'flv', isLive: true, url, cors: true },
                                     { enableWorker: false, liveBufferLatencyChasing: false });
  player.on(mpegts.Events.ERROR, (type, detail, info) => errors.push([type, detail, info && info.msg].join(' ')));
  player.attachMediaElement(video);
  player.load();
  player.play().catch(e => errors.push('play: ' + e.message));
} else if (${JSON.stringify(library)} === 'shaka') {
  shaka.polyfill.installAll();
  const player = new shaka.Player();
  player.addEventListener('error', event => errors.push('shaka ' + event.detail.code + ' ' + event.detail.data));
  player.attach(video).then(() => {
    player.configure(options.config || {});
    return player.load(url);
  }).catch(error => errors.push('shaka ' + error.code + ' ' + error.data));
  more = () => ({ variants: player.getVariantTracks().map(track => ({ height: track.height, codecs: track.codecs })),
                  live: player.isLive(), stalls: player.getStats().stallsDetected });
} else {
  const player = new Hls({ enableWorker: false, manifestLoadingMaxRetry: 10, levelLoadingMaxRetry: 10,
                           ...options.config });
  player.on(Hls.Events.ERROR, (_, data) => {
    if (data.fatal) errors.push(data.type + ' ' + data.details);
    else warnings.push(data.details);
  });
  player.on(Hls.Events.FRAG_LOADED, (_, data) => { loaded[data.part ? 'parts' : 'segments']++; });
  player.on(Hls.Events.LEVEL_SWITCHED, (_, data) => switched.push(data.level));
  player.on(Hls.Events.FRAG_PARSING_INIT_SEGMENT, (_, data) => {
    for (const track of Object.values(data.tracks)) if (track.codec) codecs.add(track.codec);
  });
  player.loadSource(url);
  player.attachMedia(video);
  const left = options.levels || [];
  setInterval(() => {
    if (left.length === 0 || video.currentTime === 0) return;
    if (player.currentLevel === left[0]) left.shift();
    if (left.length > 0 && player.nextLevel !== left[0]) player.nextLevel = left[0];
  }, 500);
  more = () => ({
    levelsLeft: left.length,
    levels: player.levels.map(level => ({ height: level.height, bitrate: level.bitrate, codecs: level.codecs })),
    latency: player.latency, targetLatency: player.targetLatency, stalls: warnings.filter(w => w === 'bufferStalledError').length,
    playingDate: player.playingDate ? player.playingDate.getTime() : null,
  });
}
window.report = () => ({
  frames: video.getVideoPlaybackQuality().totalVideoFrames,
  dropped: video.getVideoPlaybackQuality().droppedVideoFrames,
  currentTime: video.currentTime,
  audioBytes: video.webkitAudioDecodedByteCount,
  width: video.videoWidth,
  readyState: video.readyState,
  now: Date.now(),
  errors, warnings, switched, loaded, codecs: [...codecs],
  ...more(),
});
</script>`;

const server = createServer((request, response) => {
  if (request.url === '/') {
    response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  } else if (request.url === '/library.js') {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(scripts[library]));
  } else {
    response.writeHead(404).end();
  }
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));

const browsers = [process.env.SRS_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const browser = await chromium.launch({
  executablePath: browsers.find(path => path && existsSync(path)),
  args: ['--no-sandbox', '--disable-background-networking', '--disable-gpu', '--disable-dev-shm-usage',
         '--no-proxy-server', '--autoplay-policy=no-user-gesture-required'],
});
let status = 1;
try {
  const tab = await browser.newPage();
  tab.on('console', message => { if (message.type() === 'error' || process.env.SRS_CONSOLE) console.error(message.text()); });
  tab.on('pageerror', error => console.error(String(error)));
  await tab.goto(`http://127.0.0.1:${server.address().port}/`);
  const end = Date.now() + 1000 * Number(patience);
  while (Date.now() < end) {
    const report = await tab.evaluate(() => window.report());
    console.log(JSON.stringify(report));
    if (report.frames >= Number(frames) && report.currentTime >= Number(seconds) && !report.levelsLeft) { status = 0; break; }
    await new Promise(resolve => setTimeout(resolve, 250));
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
process.exitCode = status;
