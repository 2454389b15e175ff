"""librtmp plays, and what rtmpdump recorded is a whole FLV file."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    out = t.path("recorded.flv")
    streams.rtmpdump_record(t, server.rtmp("live/cam"), out, 3)
    pictures = streams.packets_in(t, out)
    sound = streams.packets_in(t, out, "a")
    harness.check(pictures >= 60 and sound >= 100, f"{pictures} video and {sound} audio packets in three seconds")
    went_in = {p.md5 for p in media.framemd5(media.fixture("long.flv"))}
    strange = [p for p in media.framemd5(out) if p.md5 not in went_in]
    # rtmpdump is stopped in the middle of a packet, maybe.
    harness.check(len(strange) <= 1, f"packets that were never published: {strange[:3]}")
    server.stop()


harness.main(test)
