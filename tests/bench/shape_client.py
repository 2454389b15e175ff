"""srs-bench against a client that reads and parses everything: CPU seconds per received GB."""

import json
import os

import harness
import load
import servers
import streams
import table

KEYS = ("protocol", "flush", "players")
HEADLINE = ("ratio", "x the reading client")


def cells(options):
    for players in options.players:
        for protocol in options.protocols:
            for flush in options.flush:
                yield protocol, flush, players


def measure(options, protocol, flush, players):
    file = streams.stream(options.bitrate)
    setting = servers.Setting(protocol, flush, options.threads, file)
    with load.bench(options.lock) as t:
        server = servers.Floor.start(t, setting)
        result = load.play(t, server, players, options.seconds, options.ramp, verify=options.verify)
        reader = t.run([os.path.join(harness.BIN, "bench-reading-client"), "-n", str(players),
                        "--for", f"{options.seconds:g}s", server.play_url()],
                       seconds=options.seconds + 60).succeeds()
        reading = json.loads(reader.stdout())
    bench = (result.get("client") or {}).get("cpu_seconds_per_gb")
    return {"protocol": protocol, "flush": flush, "players": players, "srs_bench": bench,
            "reading": reading["cpu_seconds_per_gb"],
            "ratio": bench / reading["cpu_seconds_per_gb"] if bench else None}


def present(rows):
    merged = table.merge(rows, KEYS)
    return table.render(
        ["protocol", "flush", "players", "srs-bench s/GB", "reading client s/GB", "ratio"],
        [[row["protocol"], row["flush"], row["players"], table.number(row["srs_bench"], 3),
          table.number(row["reading"], 3), table.number(row["ratio"])] for row in merged])
