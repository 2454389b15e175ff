"""srs-relay --push rtmps://: a stream of 20 Mbit/s goes through TLS (nginx with its stream module) frame by frame and ends properly; a
server whose certificate is not trusted is refused with a line that says what to do."""

import signal

import edge
import harness
import media
import nginx
import pushes
import tls
from players import streams

KEY = "s3cret-k3y"


def test(t):
    if not nginx.program():
        print("nginx is not installed: skipped")
        return
    server, foreign = pushes.start_server(t), nginx.start(t)
    certificate = tls.Certificate(t)
    front = tls.start(t, certificate, int(server.address("rtmp").rsplit(":", 1)[1]))
    foreign_front = tls.start(t, certificate, int(foreign.rtmp.split(":")[2].split("/")[0]))
    untrusted = tls.start(t, tls.Certificate(t, "elsewhere"), int(server.address("rtmp").rsplit(":", 1)[1]))
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("heavy.flv")],
        ["env", f"SSL_CERT_FILE={certificate.path}", harness.BIN + "/srs-relay", "--stream", "live/a", "--listen", "http://127.0.0.1:0",
         "--push", f"rtmps://localhost:{front.port}/{{path}}", "--push", f"rtmps://localhost:{foreign_front.port}/live/{KEY}",
         "--push", f"rtmps://localhost:{untrusted.port}/live/x{KEY}"])
    server.wait_line("live/a: published by")
    source, copy = pushes.record(t, relay, "source.flv"), pushes.record(t, server, "copy.flv")
    streams.ffmpeg_play(t, f"{foreign.rtmp}/{KEY}", 50)
    relay.wait_line(r"push to rtmps://localhost:\d+/live/\*\*\*: .*the certificate of localhost is not accepted: .*SSL_CERT_FILE.*; trying again in")
    edge.wait_media(copy, 300, "media at the other side")
    ingest.signal(signal.SIGTERM)
    harness.equal(relay.wait(), 0, "exit status")
    server.wait_line("live/a: publisher .* is gone: it stopped publishing")
    pushes.check_same(source, copy, "the other side of TLS")
    harness.equal(pushes.media_of(copy)[-1], pushes.media_of(source)[-1], "the last frame")
    harness.check(KEY not in relay.stderr(), "a key is in the log")


harness.main(test)
