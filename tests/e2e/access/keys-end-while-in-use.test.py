"""Rights that end while they are used: a key that is removed from the rules or expires cuts its publisher and players off, all others go
on; a file with an error changes nothing."""

import datetime
import json
import time

import admin
import harness
import rights

RULES = """
[keys.encoder]
key = "encoder-secret"
allow = ["publish live/*"]

[keys.stays]
key = "stays-secret"
allow = ["play live/*", "admin.read"]
"""
LEAVER = """
[keys.leaves]
key = "leaves-secret"
allow = ["publish live/cam2", "play live/*"]
"""


def clients(stage):
    status, _, text = rights.fetch(admin.address(stage) + "/api/clients", rights.bearer("stays-secret"))
    harness.equal(status, 200, "answer of /api/clients")
    return json.loads(text)


def player(t, url, seconds="0"):
    return t.start(["srs-bench", "-q", "play", "--for", seconds, url])


def test(t):
    server = rights.Guarded(t, RULES + LEAVER)
    live = server.server
    first = server.publisher("live/cam1?key=encoder-secret")
    server.publisher("live/cam2?key=leaves-secret")
    harness.until(lambda: all(server.may_play_flv(name, "?key=stays-secret") for name in ("live/cam1", "live/cam2")), "both streams")
    staying = [player(t, live.rtmp("live/cam1?key=stays-secret")), player(t, live.flv("live/cam1") + "?key=stays-secret")]
    leaving = [player(t, live.rtmp("live/cam1?key=leaves-secret")), player(t, live.flv("live/cam1") + "?key=leaves-secret")]
    harness.until(lambda: sum(client["kind"] == "player" for client in clients(live.relay)) >= 4, "four players")

    bad = [stage.stderr().count("stay as they were") for stage in live.stages]
    rights.write_rules(t, RULES + LEAVER.replace("allow", "alow"))
    for stage, before in zip(live.stages, bad):
        harness.until(lambda: stage.stderr().count("stay as they were") > before, f"{stage.name} to refuse rules with an error")
        stage.wait_line(r"access\.toml: line 12: keys\.leaves\.alow: there is no such setting")
    harness.check(all(p.alive() for p in [first, *staying, *leaving]), "somebody left because of rules with an error")

    server.change(RULES)
    live.ingest.wait_line(r"live/cam2: publisher \S+ cut off")
    for process in leaving:
        process.wait()
    harness.check(not server.may_play_flv("live/cam1", "?key=leaves-secret"), "a removed key still plays")
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=4)
    server.change(RULES + LEAVER + f"until = {until:%Y-%m-%dT%H:%M:%SZ}\n")
    brief = [player(t, live.rtmp("live/cam1?key=leaves-secret")), player(t, live.flv("live/cam1") + "?key=leaves-secret")]
    for process in brief:
        process.wait()
    harness.check(datetime.datetime.now(datetime.timezone.utc) >= until - datetime.timedelta(seconds=1), "a key ended too early")
    time.sleep(1)
    harness.check(all(p.alive() for p in [first, *staying]), "somebody whose right goes on was cut off")


harness.main(test)
