"""The origin of --upload is away for a while: players of --listen notice nothing, memory is bounded, and when the origin is back it gets
what the playlist lists by then, and goes on."""

import dav
import harness
import hls
import media
from hls import HlsServer


def listed_are_there(origin):
    names = hls.segments(origin.text("live/cam/av.m3u8"))
    return names and all(hls.get(f"{origin.url}/live/cam/{name}", method="HEAD")[0] == 200 for name in names)


def resident_mib(process):
    with open(f"/proc/{process.pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS")) / 1024


def test(t):
    origin = dav.Origin(t)
    token = t.path("headers")
    with open(token, "w") as f:
        f.write("# who may\nAuthorization: Bearer good\n")
    # 20 Mbit/s: what is held would soon be more than what may be held.
    server = HlsServer(t, media.fixture("heavy.flv"), "--target", "1s", "--window", "4", "--upload", origin.url, "--upload-header-file", token,
                       "--upload-memory", "8M")
    harness.until(lambda: listed_are_there(origin), "the first segments at the origin")

    origin.process.end()
    server.stage.wait_line("origin|upload|refused|connect")
    sequence = hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE")
    before = resident_mib(server.stage)
    harness.until(lambda: hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE") >= sequence + 12, "players' playlist to go on", seconds=30)
    for name in hls.segments(server.media()):
        harness.equal(server.get(f"live/cam/{name}")[0], 200, f"status of {name} while the origin is away")
    grown = resident_mib(server.stage) - before
    harness.check(grown < 60, f"memory grew by {grown:.0f} MiB while 30 MB were made")

    origin.start()
    last = hls.segments(server.media())[-1]
    harness.until(lambda: last in origin.text("live/cam/av.m3u8"), f"{last} in the playlist at the origin", seconds=30)
    harness.check(listed_are_there(origin), "the playlist at the origin names what is not there")
    newer = hls.segments(server.media())[-1]
    harness.until(lambda: newer in origin.text("live/cam/av.m3u8"), "the playlist at the origin to go on")
    server.ingest.end()
    server.stage.stop()


harness.main(test)
