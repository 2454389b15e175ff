"""What ffmpeg publishes (H.264 with B-frames, AAC) is decodable from all three outputs at once."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    for url in (server.rtmp("live/cam"), server.flv("live/cam")):
        frames = streams.ffmpeg_play_frames(t, url, 2)
        harness.check(frames >= 45, f"{frames} pictures in two seconds of {url}")
        sound = streams.ffmpeg_play_frames(t, url, 2, stream="a")
        harness.check(sound >= 80, f"{sound} audio frames in two seconds of {url}")
    server.wait_segments("live/cam", 2)
    frames = streams.ffmpeg_play_frames(t, server.hls("live/cam"), 2, before=["-live_start_index", "0"])
    harness.check(frames >= 45, f"{frames} pictures in two seconds of HLS")
    server.stop()


harness.main(test)
