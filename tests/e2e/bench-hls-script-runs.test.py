"""tests/bench/hls measures what packaging costs, and prints its table."""

import json
import os
import sys

import harness


def test(t):
    build = os.path.dirname(harness.BIN)
    script = os.path.join(harness.SOURCE, "tests", "bench", "hls")
    figures = t.path("figures.json")
    run = t.run([sys.executable, script, "--build", build, "--size", "20", "--repeat", "1", "--bitrate", "500k",
                 "--json", figures],
                seconds=150, env={"XDG_CACHE_HOME": os.path.join(build, "fixtures")}).succeeds()

    rows = run.stdout().splitlines()[2:]
    with open(figures) as f:
        measured = json.load(f)["rows"]
    harness.equal(len(rows), len(measured), "rows of the table")
    names = [row["packager"] for row in measured]
    for wanted in ("srs-hls, TS", "ffmpeg, TS", "cat into a file", "read, write, delete"):
        harness.check(wanted in names, f"'{wanted}' was not measured, only {names}")
    for row in measured:
        harness.check(row["cpu_s_per_gb"] > 0, f"{row['packager']} took no time, they say")


harness.main(test)
