"""Rules of --access with the protocols rtmps and https-flv: over TLS everybody may publish and play, without it nobody may. --admin with
--tls-client-ca answers who has a certificate, and the right."""

import harness
import media
import tls
from players import streams

RULES = """
[anyone]
allow = [{actions = ["publish"], protocols = ["rtmps"]}, {actions = ["play"], protocols = ["rtmps", "https-flv"]}, {actions = ["admin.read"]}]
"""


def test(t):
    certificate, alice = tls.Certificate(t), tls.Certificate(t, "alice")
    with open(t.path("rules"), "w") as f:
        f.write(RULES)
    listen = [option for scheme in ("rtmp", "rtmps", "http", "https") for option in ("--listen", f"{scheme}://127.0.0.1:0")]
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--access", t.path("rules"), *listen, *certificate.options(),
                     "--admin", "https://127.0.0.1:0", "--tls-client-ca", alice.path])
    refused = streams.ffmpeg_publish(t, relay.address("rtmp") + "/live/a", media.fixture("long.flv"))
    harness.check(refused.wait() != 0, "a publisher without TLS was taken")
    streams.ffmpeg_publish(t, relay.address("rtmps") + "/live/a", media.fixture("long.flv"), loop=True)
    relay.wait_line("live/a: published")
    trusting = ["-tls_verify", "1", "-ca_file", certificate.path]
    for url in relay.address("rtmps") + "/live/a", relay.address("https") + "/live/a.flv":
        streams.ffmpeg_play(t, url, 20, before=trusting)
    for url in relay.address("rtmp") + "/live/a", relay.address("http") + "/live/a.flv":
        player = t.run(["ffmpeg", "-v", "error", "-i", url, "-t", "1", "-f", "null", "-"])
        harness.check(player.returncode != 0, f"{url} is played without TLS")
    operators = relay.address("https", 1)
    harness.equal([c["kind"] for c in tls.get_json(operators + "/api/clients", certificate, alice)], ["publisher"], "clients")


harness.main(test)
