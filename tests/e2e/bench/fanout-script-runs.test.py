"""tests/bench/fanout measures the floor and srs-relay, over both protocols, and prints its table."""

import json
import os
import sys

import harness

PLAYERS = 10


def test(t):
    build = os.path.dirname(harness.BIN)
    script = os.path.join(harness.SOURCE, "tests", "bench", "fanout")
    figures = t.path("figures.json")
    run = t.run([sys.executable, script, "--build", build, "--servers", "floor,srs-relay", "--flush", "auto",
                 "--players", str(PLAYERS), "--repeat", "1", "--for", "2", "--bitrate", "500k",
                 "--json", figures],
                seconds=150, env={"XDG_CACHE_HOME": os.path.join(build, "fixtures")}).succeeds()

    rows = [line.split() for line in run.stdout().splitlines()[2:]]
    harness.equal([row[:4] for row in rows],
                  [[server, protocol, str(PLAYERS), "auto"]
                   for protocol in ("http", "rtmp") for server in ("floor", "srs-relay")], "rows of the table")
    with open(figures) as f:
        measured = json.load(f)["rows"]
    harness.equal(len(measured), len(rows), "measurements")
    for row in measured:
        what = f"{row['server']} over {row['protocol']}"
        harness.equal(row["not_playing"], 0, f"players that did not play from {what}")
        harness.check(row["worst_share"] > 0, f"{what} sent nothing to a player")
        harness.check(row["cpu_s_per_gb"] > 0, f"{what} took no time, they say")


harness.main(test)
