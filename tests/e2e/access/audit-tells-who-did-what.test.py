"""--audit: a line of JSON for each publisher, player, refusal, reload and end, with who, what, how long; opened again on SIGHUP; and no
secret in it, in the logs, in the figures or in what the operators' interface says."""

import json
import os
import re
import signal

import admin
import harness
import rights

RULES = """
[keys.encoder]
key = "planted-secret-1"
allow = ["publish live/*", "admin.read", "admin.write"]

[keys.viewer]
key = "planted-secret-2"
allow = ["play live/*"]

[keys.stage]
key = "planted-secret-3"
path = "live/stage"
allow = ["publish live/stage"]
"""


def lines(path):
    try:
        with open(path) as f:
            return [json.loads(line) for line in f]
    except FileNotFoundError:
        return []


def test(t):
    path = t.path("audit")
    server = rights.Guarded(t, RULES, relay_options=["--audit", path])
    relay = server.server.relay
    server.publisher("live/cam1?key=planted-secret-1")
    server.publisher("live/planted-secret-3")
    harness.until(lambda: server.may_play_flv("live/stage", "?key=planted-secret-2"), "the stream with a key for a name")
    harness.check(server.may_play_rtmp("live/cam1", "?key=planted-secret-2"), "RTMP does not play")
    harness.check(not server.may_play_rtmp("live/cam1", "?key=planted-secret-4"), "a wrong key plays")
    harness.check(not server.may_play_flv("live/cam1", fields={**rights.basic("eve", "planted-secret-5"), "User-Agent": "a\tb \u00e9"}),
                  "a wrong password plays")

    def event(kind, **wanted):
        return next((e for e in lines(path) if e["event"] == kind and all(e.get(k) == v for k, v in wanted.items())), None)

    played = harness.until(lambda: event("play", path="live/cam1", protocol="rtmp"), "the player's line")
    harness.equal((played["who"], played["identity"], played["tool"]), ("viewer", "keys.viewer", "srs-relay"), "who plays")
    stopped = harness.until(lambda: event("stop", id=played["id"]), "the end of the player")
    harness.check(stopped["duration_s"] >= 0 and "bytes" in stopped, f"the end of a player: {stopped}")
    refused = harness.until(lambda: event("refused", protocol="http-flv"), "the refusal")
    harness.check("\\" not in refused["reason"] and refused["address"].startswith("127.0.0.1:"), f"{refused}")
    os.rename(path, path + ".1")
    relay.signal(signal.SIGHUP)
    harness.until(lambda: event("reload", reason="used"), "the new file")
    harness.check(server.may_play_rtmp("live/cam1", "?key=planted-secret-2"), "RTMP does not play")
    harness.until(lambda: event("play"), "a line in the new file")

    said = [stage.stderr() for stage in server.server.stages]
    for file in (path, path + ".1"):
        with open(file) as f:
            said.append(f.read())
    for stage in server.server.stages:
        for what in ("/metrics", "/api/streams", "/api/clients"):
            said.append(rights.fetch(admin.address(stage) + what, rights.bearer("planted-secret-1"))[2].decode())
    for text in said:
        found = re.search(r".*planted-secret.*", text)
        harness.check(not found, f"a secret: {found and found.group()}")


harness.main(test)
