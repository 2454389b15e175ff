// Reads one or more playlists on stdin, each from its #EXTM3U on, with hls-parser in strict mode. Says how many there were;
// status 1 and why at the first that it refuses.

import HLS from "hls-parser";
import { readFileSync } from "node:fs";

HLS.setOptions({ strictMode: true });

// hls-parser takes "three target durations from the end" (rfc8216bis 4.4.4.9) for the last three segments, though they
// may be shorter, and the last is not whole yet. Which parts may be listed is for tests/hls/check to judge; here those of
// older segments are taken out, so that the rest is read.
const WRONG = "Remove EXT-X-PART tags from the Playlist";
function withoutOlderParts(text) {
  const lines = text.split("\n");
  const ends = lines.flatMap((line, i) => (line && !line.startsWith("#") ? [i] : []));
  const from = ends.at(-3) ?? 0;
  return lines.filter((line, i) => i > from || !line.startsWith("#EXT-X-PART:")).join("\n");
}

function read(text) {
  try {
    HLS.parse(text);
  } catch (error) {
    if (!error.message.includes(WRONG)) throw error;
    HLS.parse(withoutOlderParts(text));
  }
}

const playlists = readFileSync(0, "utf8").split(/^(?=#EXTM3U)/m).filter((text) => text.trim());
for (const text of playlists) {
  try {
    read(text);
  } catch (error) {
    console.error(`${error.message}\n${text}`);
    process.exit(1);
  }
}
console.log(playlists.length);
