"""srs-bench's players of HLS count what a server does wrong: nothing that a viewer would feel goes unseen."""

import json

import harness
import hls_server

PLAYERS = 4
# Each with what it is to play, and the exit status.
RUNS = {"fine": 0, "plain": 0, "demuxed": 0, "missing": 1, "stall": 0, "back": 1, "renamed": 0, "away": 1,
        "silent": 1, "nothing": 1}


def finished(run, status):
    harness.equal(run.wait(60), status, f"status of {run.argv}: {run.stderr()}{run.stdout()}")
    return json.loads(run.stdout())


def test(t):
    server = hls_server.Server()
    runs = {fault: t.start(["srs-bench", "--json", "play", "-n", str(PLAYERS), "--for", "9s", "--timeout", "2s",
                            server.url(fault)]) for fault in RUNS}
    reports = {fault: finished(runs[fault], status) for fault, status in RUNS.items()}
    figures = {fault: report["hls"] for fault, report in reports.items()}

    for fault in ("fine", "demuxed"):
        one = figures[fault]
        harness.equal([one["errors"], one["missed"], one["lower_numbers"], one["unused_hints"]], [{}, 0, 0, 0],
                      f"errors, missed, lower numbers, hints in vain of {fault}")
        harness.equal(one["low_latency_players"], PLAYERS, f"players of Low-Latency HLS of {fault}")
    harness.check(figures["demuxed"]["parts"] > 1.5 * figures["fine"]["parts"],
                  f"sound by itself: {figures['demuxed']['parts']} parts, with the picture {figures['fine']['parts']}")
    harness.equal([figures["plain"]["parts"], figures["plain"]["errors"], figures["plain"]["low_latency_players"]],
                  [0, {}, 0], "of plain HLS: parts, errors, players of Low-Latency HLS")
    harness.check(figures["plain"]["segments"] >= 6 * PLAYERS, f"{figures['plain']['segments']} segments")

    harness.check(figures["missing"]["errors"].get("HTTP 404", 0) >= PLAYERS, f"{figures['missing']}")
    harness.check(figures["missing"]["missed"] >= PLAYERS, f"missed {figures['missing']['missed']}")
    harness.equal([figures["stall"]["stalled_players"], figures["stall"]["missed"]], [PLAYERS, 0],
                  "players that stood still, and what they missed")
    # Nothing for 3 s, of which 0.3 s are held back, and what a slow start adds to that.
    harness.check(figures["stall"]["stalled_ms"]["p50"] >= 500, f"stood still for {figures['stall']['stalled_ms']}")
    harness.check(figures["back"]["lower_numbers"] >= PLAYERS, f"{figures['back']}")
    harness.check(figures["renamed"]["unused_hints"] >= PLAYERS, f"{figures['renamed']}")
    harness.equal(reports["nothing"]["failures"], {"HTTP 404": PLAYERS}, "why players of nothing failed")
    harness.equal(reports["away"]["failures"], {"no playlist any more: HTTP 500": PLAYERS}, "why players failed")
    harness.equal(reports["silent"]["clients"]["failed"], PLAYERS, "players of a server that fell silent")


harness.main(test)
