"""GStreamer's own RTMP client publishes; ffmpeg decodes what the relay gives out."""

import harness
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    publisher = streams.gst_publish(t, server.publish("live/gst"))
    frames = streams.ffmpeg_play_frames(t, server.rtmp("live/gst"), 3)
    harness.check(frames >= 60, f"{frames} pictures in three seconds")
    harness.check(publisher.alive(), f"gst-launch ended: {publisher.stderr()[-800:]}")
    server.stop()


harness.main(test)
