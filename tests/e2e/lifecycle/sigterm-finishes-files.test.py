"""SIGTERM to the source: every stage ends with status 0, the playlist is closed and its last segment is whole."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    server.wait_segments("live/cam", 1)
    server.stop()
    harness.check("#EXT-X-ENDLIST" in server.playlist("live/cam"), server.playlist("live/cam"))
    packets = media.framemd5(server.www + "/live/cam.m3u8")
    harness.check(len(packets) > 50, f"{len(packets)} packets in the playlist")


harness.main(test)
