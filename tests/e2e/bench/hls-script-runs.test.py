"""tests/bench/hls measures what packaging costs and how players are served, and prints its tables."""

import json
import os
import sys

import harness


def measured(t, *options):
    """What it prints, and what it measured."""
    build = os.path.dirname(harness.BIN)
    script = os.path.join(harness.SOURCE, "tests", "bench", "hls")
    figures = t.path("figures.json")
    run = t.run([sys.executable, script, "--build", build, "--repeat", "1", "--bitrate", "500k", "--json", figures,
                 *options], seconds=150, env={"XDG_CACHE_HOME": os.path.join(build, "fixtures")}).succeeds()
    with open(figures) as f:
        rows = json.load(f)["rows"]
    harness.equal(len(run.stdout().splitlines()) - 2, len(rows), "rows of the table")
    return rows


def test(t):
    rows = measured(t, "--size", "20", "--streams", "320x180-30-300k")
    names = [row["packager"] for row in rows]
    for wanted in ("srs-hls, TS", "srs-hls, fMP4", "ffmpeg, TS", "ffmpeg, fMP4", "cat into a file", "read, write, delete"):
        harness.check(wanted in names, f"'{wanted}' was not measured, only {names}")
    for row in rows:
        harness.check(row["cpu_s_per_gb"] > 0, f"{row['packager']} took no time, they say")

    rows = measured(t, "--shape", "players", "--players", "10", "--for", "2")
    harness.equal(rows[0]["server"], "srs-hls --low-latency", "the first server")
    for row in rows:
        harness.equal([row["playing"], row["errors"]], [10, 0], f"players and errors of {row['server']}")
        harness.check(row["cpu_s_per_gb"] > 0 and row["delivery_p50"] > 0, f"{row}")


harness.main(test)
