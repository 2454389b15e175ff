"""VLC decodes pictures and sound from HTTP-FLV."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    stats = streams.vlc_play(t, server.flv("live/cam"), 50)
    harness.check(stats["audio"] > 0, f"no sound: {stats}")
    server.stop()


harness.main(test)
