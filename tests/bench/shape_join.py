"""Players that join a running stream in the middle of a group of pictures: how long until the first key frame."""

import load
import servers
import shape_fanout
import streams
import table

KEYS = ("server", "protocol", "players")
HEADLINE = ("first_key_frame_p99_ms", "ms to the first key frame (p99)")
PLAYERS = 1000
RAMP = "200/s"
cells = shape_fanout.cells_of_default_flush


def measure(options, name, flush, protocol):
    file = streams.stream(options.bitrate)
    setting = servers.Setting(protocol, flush, options.threads, file)
    with load.bench(options.lock) as t:
        server = servers.KINDS[name].start(t, setting)
        load.publish(t, server, file)
        result = load.play(t, server, PLAYERS, 3, RAMP, threads=options.client_threads)
    row = {"server": name, "protocol": protocol, "players": PLAYERS,
           "failed": result["clients"]["failed"] + result["clients"]["without_media"]}
    for what in ("first_byte", "first_frame", "first_key_frame"):
        times = result.get(what + "_ms") or {}
        for figure in ("p50", "p99", "max"):
            row[f"{what}_{figure}_ms"] = times.get(figure)
    return row


def present(rows):
    merged = table.merge(rows, KEYS)
    merged.sort(key=lambda row: (row["protocol"], row["server"]))
    pair = lambda row, what: table.pair(row[what + "_p50_ms"], row[what + "_p99_ms"])
    return table.render(
        ["server", "protocol", "players", "failed", "first byte ms p50/p99", "first frame ms p50/p99",
         "first key ms p50/p99", "max"],
        [[row["server"], row["protocol"], row["players"], f"{row['failed']:g}", pair(row, "first_byte"),
          pair(row, "first_frame"), pair(row, "first_key_frame"),
          table.number(row["first_key_frame_max_ms"], 1)] for row in merged])
