"""tests/bench/hls measures how old pictures are when hls.js shows them, and prints its table."""

import json
import os
import sys

import harness


def test(t):
    figures = t.path("figures.json")
    script = os.path.join(harness.SOURCE, "tests", "bench", "hls")
    run = t.run([sys.executable, script, "--build", os.path.dirname(harness.BIN), "--shape", "latency", "--for", "2",
                 "--repeat", "1", "--parts", "200", "--bitrate", "1M", "--json", figures], seconds=120).succeeds()
    harness.equal(len(run.stdout().splitlines()), 3, "lines of the table")
    with open(figures) as f:
        row, = json.load(f)["rows"]
    # Not before three parts have come; how late is the machine's affair.
    harness.check(row["median_ms"] > 600, f"pictures are shown before they can be: {row}")
    harness.check(row["pictures"] > 0 and row["parts"] > 0, f"{row}")


harness.main(test)
