"""--time-shift: PATH.m3u8?start=... plays from a time, or from some seconds back; live players get a short playlist all the same."""

import re

import harness
import hls
import media
from hls import HlsServer
from players import browser


def test(t):
    server = HlsServer(t, media.fixture("long.flv"), "--time-shift", "1h", "--window", "3", "--target", "1s", "--format", "fmp4",
                       t.path("www"))
    harness.until(lambda: server.get("live/cam/av.m3u8?start=3600")[2].count(b"#EXTINF") >= 12, "twelve seconds", seconds=40)
    live = server.media()
    harness.equal(live.count("#EXTINF"), 3, "segments for live players")

    master = server.get("live/cam.m3u8?start=-3600")[2].decode()
    uri = hls.segments(master)[0]
    harness.check(re.search(r"av\.m3u8\?start=\d{4}-\d\d-\d\dT", uri), f"the time is not fixed for reloads: {master}")
    whole = server.get(f"live/{uri}")[2].decode()
    harness.check("#EXT-X-START:TIME-OFFSET=0" in whole, "players are not told to begin at the start")
    times = re.findall(r"DATE-TIME:(\S+)", whole)
    harness.equal(len(times), whole.count("#EXTINF"), "times")
    # From the fifth segment's time on.
    later = server.get(f"live/cam/av.m3u8?start={times[4]}")[2].decode()
    harness.equal(re.findall(r"DATE-TIME:(\S+)", later)[0], times[4], "the first segment from a time on")
    harness.equal(hls.number(later, "EXT-X-MEDIA-SEQUENCE"), hls.number(whole, "EXT-X-MEDIA-SEQUENCE") + 4, "its number")
    for wrong in ("yesterday", "-", "2026-99-01T00:00:00Z", "1e400"):
        harness.equal(server.get(f"live/cam.m3u8?start={wrong}")[0], 400, f"status of start={wrong}")
    # The oldest are not in memory any more: they come from the directory.
    oldest = hls.segments(whole)[0]
    harness.equal(server.get(f"live/cam/{oldest}")[0], 200, "status of the oldest segment")

    report = browser.play(t, "hls", server.url() + "?start=-10", frames=75, seconds=3)
    behind = report["now"] - report["playingDate"]
    harness.equal(report["errors"], [], "errors")
    harness.check(behind > 7_000, f"hls.js plays {behind} ms behind, not from ten seconds ago: {report}")
    server.stop()


harness.main(test)
