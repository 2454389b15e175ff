"""5,000 players of one small stream, held for a minute: what got lost?"""

import load
import servers
import shape_fanout
import streams
import table

KEYS = ("server", "protocol", "flush")
HEADLINE = ("playing", "players at the end")
PLAYERS = 5000
SECONDS = 60
cells = shape_fanout.cells_of_default_flush


def measure(options, name, flush, protocol):
    file = streams.stream("500k")
    setting = servers.Setting(protocol, flush, options.threads, file)
    with load.bench(options.lock) as t:
        server = servers.KINDS[name].start(t, setting)
        load.publish(t, server, file)
        result = load.play(t, server, PLAYERS, SECONDS, "1000/s", verify=options.verify,
                           threads=options.client_threads)
    row = shape_fanout.row_of(result, name, flush, protocol, PLAYERS, streams.rate_of(file))
    row["playing"] = result["clients"]["running"]
    verified = result.get("verified") or {}
    row["verified"] = verified.get("players")
    row["out_of_order"] = verified.get("out_of_order")
    return row


def present(rows):
    merged = table.merge(rows, KEYS)
    return table.render(
        ["server", "protocol", "playing", "worst gets", "stalls", "verified", "gaps", "out of order",
         "CPU s/GB", "latency ms p50/p99"],
        [[row["server"], row["protocol"], f"{row['playing']:g} of {PLAYERS}", f"{100 * row['worst_share']:.0f} %",
          table.number(row["stalls"], 0), table.number(row["verified"], 0), table.number(row["gaps"], 0),
          table.number(row["out_of_order"], 0), table.number(row["cpu_s_per_gb"], 3),
          table.pair(row["latency_p50_ms"], row["latency_p99_ms"])] for row in merged])
