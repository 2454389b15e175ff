"""GStreamer's own RTMP client publishes; ffmpeg decodes what the relay gives out."""

import harness
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    publisher = streams.gst_publish(t, server.publish("live/gst"))
    streams.ffmpeg_play(t, server.rtmp("live/gst"), 60)
    harness.check(publisher.alive(), f"gst-launch ended: {publisher.stderr()[-800:]}")
    server.stop()


harness.main(test)
