"""GStreamer's own RTMP client plays: pictures and sound are decoded."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    pictures, sound = streams.gst_play(t, server.rtmp("live/cam"), 50)
    harness.check(pictures >= 50 and sound >= 20, f"{pictures} pictures, {sound} audio buffers")
    server.stop()


harness.main(test)
