"""The encoder comes back with another picture size: a discontinuity, with an init section of its own, exactly where the pictures change;
hls.js plays over it, as MPEG-TS, as fMP4 and as Low-Latency HLS. Coming back with the same configuration is no discontinuity."""

import re

import harness
import hls
import media
from players import browser, streams


def publish(t, url, name):
    """3 s of a file, as fast as it goes."""
    streams.ffmpeg_publish(t, url, media.fixture(name), realtime=False, options=["-t", "3"]).succeeds(30)


def change(t, form, options):
    ingest, stage = t.pipeline(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"],
                               ["srs-hls", "--stream", "live/cam", "--listen", "http://127.0.0.1:0", "--target", "1s", "--window", "100",
                                *options, t.path(form)])
    url, base = f"{ingest.address('rtmp')}/live/cam", f"{stage.address('http')}/live/cam"
    for name in ("long.flv", "long.flv", "small.flv"):
        publish(t, url, name)
    harness.until(lambda: hls.get(f"{base}/av.m3u8")[2].count(b"#EXTINF") >= 8, "segments of all that was published")
    text = hls.get(f"{base}/av.m3u8")[2].decode()
    harness.equal(text.count("#EXT-X-DISCONTINUITY\n"), 1, f"discontinuities, {form}")
    before, after = text.split("#EXT-X-DISCONTINUITY\n")
    harness.check(len(hls.segments(before)) >= 6, f"segments before the discontinuity, {form}: {before}")
    maps = [re.findall(r'^#EXT-X-MAP:URI="(.+?)"', side, re.MULTILINE) for side in (before, after)]
    harness.equal([len(side) for side in maps], [0, 0] if form == "ts" else [1, 1], f"init sections before and after, {form}")
    # From the beginning on: not where live is.
    report = browser.play(t, "hls", f"{base}.m3u8?start=-3600", frames=200, seconds=8)
    harness.equal((report["errors"], report["width"]), ([], 320), f"errors and width in the end, {form}: {report}")
    ingest.end()
    stage.end()


def test(t):
    for form, options in (("ts", []), ("fmp4", ["--format", "fmp4"]), ("low-latency", ["--low-latency"])):
        change(t, form, options)


harness.main(test)
