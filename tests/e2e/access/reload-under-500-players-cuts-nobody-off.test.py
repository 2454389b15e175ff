"""The rules are changed ten times under 500 players who still may play: none is cut off, none misses a message."""

import json

import harness
import rights

RULES = """
[keys.encoder]
key = "encoder-secret"
allow = ["publish live/*"]

[keys.viewer]
key = "viewer-secret"
allow = ["play live/*"]
"""


def test(t):
    server = rights.Guarded(t, RULES)
    server.publisher("live/cam1?key=encoder-secret")
    harness.until(lambda: server.may_play_flv("live/cam1", "?key=viewer-secret"), "the stream")
    players = [t.start(["srs-bench", "--json", "play", "-n", "250", "--for", "12s", "--ramp", "200/s", "--verify", "16", url])
               for url in (server.server.rtmp("live/cam1?key=viewer-secret"), server.server.flv("live/cam1") + "?key=viewer-secret")]
    for i in range(10):
        server.change(RULES + f'\n[keys.other{i}]\nkey = "other-secret-{i}"\nallow = ["play live/cam2"]\n')
    for process in players:
        process.succeeds()
        report = json.loads(process.stdout())
        harness.equal((report["clients"]["running"], report["verified"]["timestamp_gaps"]), (250, 0), "players, and gaps in what they got")


harness.main(test)
