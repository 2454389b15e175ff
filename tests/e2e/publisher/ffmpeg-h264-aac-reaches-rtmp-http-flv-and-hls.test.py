"""What ffmpeg publishes (H.264 with B-frames, AAC) is decodable from all three outputs at once."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    for url in (server.rtmp("live/cam"), server.flv("live/cam")):
        streams.ffmpeg_play(t, url, 45)
        streams.ffmpeg_play(t, url, 80, stream="a")
    server.wait_segments("live/cam", 2)
    streams.ffmpeg_play(t, server.hls("live/cam"), 45, before=["-live_start_index", "0"])
    server.stop()


harness.main(test)
