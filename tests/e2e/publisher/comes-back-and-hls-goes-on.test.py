"""A publisher that is killed and comes back goes on in the same HLS playlist."""

import re
import signal

import harness
import media
from live import LiveServer
from players import streams


def number(playlist, tag):
    found = re.search(rf"#{tag}:(\d+)", playlist)
    return int(found.group(1)) if found else 0


def test(t):
    server = LiveServer(t, hls_options=["--target", "1s", "--window", "20"])
    url = server.publish("live/cam")
    first = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    server.wait_segments("live/cam", 3)
    first.signal(signal.SIGKILL)
    first.wait()
    before = server.playlist("live/cam")
    streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    server.wait_segments("live/cam", before.count("#EXTINF") + 3)

    after = server.playlist("live/cam")
    harness.check("#EXT-X-ENDLIST" not in after, "the playlist ended at the seam")
    harness.equal(number(after, "EXT-X-TARGETDURATION"), number(before, "EXT-X-TARGETDURATION"), "target duration")
    # The codec configuration is the same: a seam is marked only if the silence made timestamps jump.
    harness.check(after.count("#EXT-X-DISCONTINUITY\n") <= 1, f"seams in\n{after}")
    listed = re.findall(r"^[^#\n].*\.ts$", after, re.MULTILINE)
    kept = re.findall(r"^[^#\n].*\.ts$", before, re.MULTILINE)
    harness.equal(listed[:len(kept)], kept, "segments from before the seam")
    harness.equal(len(set(listed)), len(listed), "segments listed once")
    streams.ffmpeg_play(t, server.hls("live/cam"), 25)
    server.stop()


harness.main(test)
