"""--ladder: streams named cam_720p and cam_360p become one multivariant playlist, aligned, and hls.js switches between them."""

import re

import harness
import hls
import media
from players import browser


def lists(base, name):
    status, _, body = hls.get(f"{base}/live/{name}/av.m3u8")
    return body.decode() if status == 200 else ""


def test(t):
    ingest, stage = t.pipeline(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"],
                               ["srs-hls", "--ladder", "--format", "fmp4", "--listen", "http://127.0.0.1:0"])
    rtmp, base = ingest.address("rtmp"), stage.address("http")
    publisher = t.start(["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", media.fixture("long.flv"),
                         "-re", "-stream_loop", "-1", "-i", media.fixture("small.flv"), "-map", "0", "-c", "copy", "-f", "flv",
                         f"{rtmp}/live/cam_360p", "-map", "1", "-c", "copy", "-f", "flv", f"{rtmp}/live/cam_180p"])
    harness.until(lambda: all(lists(base, name).count("#EXTINF") >= 4 for name in ("cam_360p", "cam_180p")), "both renditions")
    master = hls.get(f"{base}/live/cam.m3u8")[2].decode()
    harness.equal(re.findall(r"RESOLUTION=(\S+?),", master), ["640x360", "320x180"], "resolutions of the ladder")
    harness.equal(hls.segments(master), ["cam_360p/av.m3u8", "cam_180p/av.m3u8"], "playlists of the ladder")

    # Both may be read at a cut: then one has a segment more.
    boundaries = []
    for name in ("cam_360p", "cam_180p"):
        text = lists(base, name)
        times = re.findall(r"DATE-TIME:(\S+)", text)
        first = hls.number(text, "EXT-X-MEDIA-SEQUENCE")
        boundaries.append({first + i: (time, length) for i, (time, length) in
                           enumerate(zip(times, re.findall(r"#EXTINF:([\d.]+)", text)))})
        harness.equal(hls.number(text, "EXT-X-TARGETDURATION"), 2, f"target duration of {name}")
    common = sorted(boundaries[0].keys() & boundaries[1].keys())
    harness.check(len(common) >= 3, f"no common numbers: {boundaries}")
    for sequence in common:
        lengths = [float(one[sequence][1]) for one in boundaries]
        harness.equal(boundaries[0][sequence][0], boundaries[1][sequence][0], f"date of segment {sequence} in both")
        harness.check(abs(lengths[0] - lengths[1]) < 0.045, f"segment {sequence} lasts {lengths}")

    report = browser.play(t, "hls", f"{base}/live/cam.m3u8", frames=200, seconds=9, levels=[0, 1, 0])
    harness.equal(report["errors"], [], "errors")
    harness.check(len(set(report["switched"])) == 2, f"hls.js did not switch: {report}")
    publisher.end()


harness.main(test)
