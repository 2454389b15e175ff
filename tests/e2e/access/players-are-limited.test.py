"""Limits of players: in all, per stream and per key. Who is refused is told so, the figures count it, and a seat is free again
once its player has left."""

import admin
import harness
import rights

RULES = """
[keys.encoder]
key = "encoder-secret"
allow = ["publish live/*", "admin.read"]

[keys.one]
key = "secret-of-one"
allow = ["play"]

[anyone]
allow = ["play"]
"""


def test(t):
    server = rights.Guarded(t, RULES, relay_options=["--max-players", "4", "--max-players-per-stream", "3", "--max-players-per-user", "1"])
    for name in ("live/a", "live/b"):
        server.publisher(name + "?key=encoder-secret")
        harness.until(lambda: server.may_play_flv(name), name)

    def play(url):
        return t.start(["srs-bench", "-q", "play", "--for", "0", url])

    def players():
        _, _, text = rights.fetch(admin.address(server.server.relay) + "/metrics", rights.bearer("encoder-secret"))
        return sum(n for (name, _), n in admin.samples(text.decode()).items() if name == "srs_players")

    harness.until(lambda: players() == 0, "the first players to leave")
    keyed = play(server.server.rtmp("live/a?key=secret-of-one"))
    harness.until(lambda: players() == 1, "a player")
    harness.equal(rights.status(server.server.flv("live/b") + "?key=secret-of-one"), 429, "a second player with the key")
    for _ in range(2):
        play(server.server.flv("live/a"))
    harness.until(lambda: players() == 3, "three players")
    harness.equal(rights.status(server.server.flv("live/a")), 429, "a fourth player of the stream")
    harness.check(not server.may_play_rtmp("live/a"), "a fourth player of the stream over RTMP")
    play(server.server.flv("live/b"))
    harness.until(lambda: players() == 4, "four players")
    harness.equal(rights.status(server.server.flv("live/b")), 429, "a fifth player")
    _, _, text = rights.fetch(admin.address(server.server.relay) + "/metrics", rights.bearer("encoder-secret"))
    refused = admin.samples(text.decode())[("srs_access_refused_total", (("reason", "too_many"),))]
    harness.equal(refused, 4, "refusals that are counted")
    keyed.end()
    harness.until(lambda: rights.status(server.server.flv("live/b") + "?key=secret-of-one") == 200, "the seat to be free")


harness.main(test)
