"""A player that comes in the middle starts at once, on a key frame, and then misses nothing."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    path = media.fixture("h264_aac.flv")
    server = LiveServer(t, ingest_options=["--grace", "1s"])
    publisher = streams.ffmpeg_publish(t, server.publish("live/cam"), path)
    server.wait_segments("live/cam", 1)
    players = [t.start(media.framemd5_command(url)) for url in (server.rtmp("live/cam"), server.flv("live/cam"))]
    publisher.succeeds()
    wanted = media.framemd5(path)
    key_frames = {p.md5 for p in [p for p in wanted if p.stream == "v"][::25]}
    for player in players:
        got = media.parse_framemd5(player.succeeds().stdout())
        media.lossless(wanted, got, head=400, what=" ".join(player.argv[-1:]))
        first = next(p for p in got if p.stream == "v")
        harness.check(first.md5 in key_frames, f"starts on {first}, which is no key frame")
    server.stop()


harness.main(test)
