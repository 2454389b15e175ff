"""A server's own memory per player: the slope between 500 and 2,000 players.

Both counts are measured in one run of the server, so that its memory for the stream itself cancels out.
"""

import time

import load
import servers
import shape_fanout
import streams
import table
import usage

KEYS = ("server", "protocol")
HEADLINE = ("per_player", "bytes per player")
FEW, MANY = 500, 2000
SETTLING_SECONDS = 3  # until join bursts have left the buffers
cells = shape_fanout.cells_of_default_flush


def settled(pid):
    time.sleep(SETTLING_SECONDS)
    return usage.private_bytes(pid)


def measure(options, name, flush, protocol):
    # A small stream: players are measured, and all of them must receive everything.
    file = streams.stream("500k")
    setting = servers.Setting(protocol, flush, options.threads, file)
    with load.bench(options.lock) as t:
        server = servers.KINDS[name].start(t, setting)
        load.publish(t, server, file)
        before = usage.private_bytes(server.pid)
        url = server.play_url()
        load.start_players(t, url, FEW, 60, "500/s")
        time.sleep(FEW / 500)
        at_few = settled(server.pid)
        load.start_players(t, url, MANY - FEW, 60, "500/s")
        time.sleep((MANY - FEW) / 500)
        at_many = settled(server.pid)
    return {"server": name, "protocol": protocol, "before": before, "at_few": at_few, "at_many": at_many,
            "per_player": (at_many - at_few) / (MANY - FEW)}


def present(rows):
    merged = table.merge(rows, KEYS)
    merged.sort(key=lambda row: (row["protocol"], row["server"]))
    mib = lambda size: f"{size / 2**20:.1f}"
    return table.render(
        ["server", "protocol", "MiB at 0", f"MiB at {FEW}", f"MiB at {MANY}", "KiB/player"],
        [[row["server"], row["protocol"], mib(row["before"]), mib(row["at_few"]), mib(row["at_many"]),
          f"{row['per_player'] / 1024:.2f}"] for row in merged])
