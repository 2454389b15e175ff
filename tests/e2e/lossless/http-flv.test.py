"""What ffmpeg publishes comes out of HTTP-FLV packet for packet, to a player that was there first."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    path = media.fixture("h264_aac.flv")
    server = LiveServer(t, ingest_options=["--grace", "1s"])
    player = t.start(media.framemd5_command(server.flv("live/cam")))
    streams.ffmpeg_publish(t, server.publish("live/cam"), path).succeeds()
    player.succeeds()
    media.lossless(media.framemd5(path), media.parse_framemd5(player.stdout()), what="HTTP-FLV")
    server.stop()


harness.main(test)
