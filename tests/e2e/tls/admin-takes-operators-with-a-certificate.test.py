"""--admin https://: with --tls-client-ca only clients with a certificate of its authorities are served, and the log says who cut a
client off; without it everybody is. Players on the other listeners need no certificate."""

import ssl

import harness
import media
import tls


def test(t):
    server, authority = tls.Certificate(t), tls.Certificate(t, "authority")
    alice, stranger = tls.Certificate(t, "alice", authority), tls.Certificate(t, "stranger")
    ingest, relay, hls = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("long.flv"), "--admin", "https://127.0.0.1:0", *server.options()],
        ["srs-relay", "--stream", "live/a", "--pass", "--listen", "https://127.0.0.1:0", "--admin", "https://127.0.0.1:0", *server.options(),
         "--tls-client-ca", authority.path],
        ["srs-hls", "--stream", "live/a", "--admin", "https://127.0.0.1:0", "--listen", "http://127.0.0.1:0", *server.options()])
    for tool in ingest, hls:
        harness.equal(tls.ask(tool.address("https") + "/healthz", server), (200, "ok\n"), f"{tool.name}, which asks for nothing")

    players, operators = relay.address("https", 0), relay.address("https", 1)
    harness.equal(tls.ask(operators + "/healthz", server, alice), (200, "ok\n"), "the answer to an operator")
    for own in None, stranger:
        try:
            answer = tls.ask(operators + "/healthz", server, own)
        except (ssl.SSLError, OSError):
            continue
        harness.check(False, f"{own and own.path} got {answer}")
    relay.wait_line("warning: .*: TLS: peer did not return a certificate")
    curl = t.start(["curl", "-sSN", "--cacert", server.path, players + "/live/a.flv"])

    def playing():
        return [c["id"] for c in tls.get_json(operators + "/api/clients", server, alice) if c["kind"] == "player"]

    player = harness.until(playing, "a player")[0]
    harness.equal(tls.ask(f"{operators}/api/clients/{player}", server, alice, "DELETE")[0], 204, "DELETE by an operator")
    relay.wait_line(rf"admin: \S+ \(alice\) cut off {player}")
    curl.wait()


harness.main(test)
