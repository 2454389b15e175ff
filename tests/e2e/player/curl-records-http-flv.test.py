"""curl gets HTTP-FLV with the headers that players need, and the body is FLV."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    out = t.path("recorded.flv")
    headers = streams.curl_record(t, server.flv("live/cam"), out, 3).lower()
    for wanted in ("200 ok", "content-type: video/x-flv", "access-control-allow-origin: *", "cache-control: no-cache"):
        harness.check(wanted in headers, f"no {wanted!r} in the response:\n{headers}")
    harness.check("transfer-encoding: chunked" in headers, f"no chunks:\n{headers}")
    pictures = streams.packets_in(t, out)
    harness.check(pictures >= 50, f"{pictures} pictures in three seconds")
    server.stop()


harness.main(test)
