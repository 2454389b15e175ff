"""srs-probe finds the gap that was cut into a good stream, and its threshold tells a script."""

import json
import subprocess

import harness
import media


def cut(data, start, end):
    """The FLV without its tags from `start` to `end` milliseconds."""
    kept, at = data[:13], 13
    while at < len(data):
        size = 15 + int.from_bytes(data[at + 1:at + 4], "big")
        time = int.from_bytes(data[at + 4:at + 7], "big") | data[at + 7] << 24
        if not start <= time < end:
            kept += data[at:at + size]
        at += size
    return kept


def probe(data, *options):
    command = [harness.BIN + "/srs-probe", "--json", *options]
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=harness.PATIENCE)
    return done.returncode, json.loads(done.stdout)


def test(t):
    with open(media.fixture("h264_aac.flv"), "rb") as file:
        good = file.read()
    limit = ("--fail-if", "gap>1s")
    status, report = probe(good, *limit)
    harness.equal(status, 0, "exit status for a good stream")
    harness.equal(report["streams"][0]["verdict"], "healthy", "verdict on a good stream")

    status, report = probe(cut(good, 500, 2000), *limit)
    harness.equal(status, 3, "exit status for a stream with a gap")
    codes = {finding["code"] for finding in report["streams"][0]["findings"]}
    harness.check({"video-gap", "audio-gap"} <= codes, f"no gap among the findings: {codes}")
    for track in report["streams"][0]["tracks"]:
        gaps = track["gaps"]
        harness.check(gaps["count"] >= 1 and 1400 <= gaps["largest_ms"] <= 1700, f"the gap of 1.5 s was measured as {gaps}")
        harness.check(300 <= gaps["largest_at_ms"] <= 600, f"the gap at 0.5 s was found at {gaps['largest_at_ms']} ms")


harness.main(test)
