"""The other shape of load: 500 publishers of 500 kbit/s, each with two players. Relay against nginx-rtmp.

The floor takes no publishers: it sends one stream of this rate to as many players, in one go for all of them. So its
figure is what the sends alone cost at this flush, without any reading.
"""

import time

import load
import servers
import shape_fanout
import streams
import table
import usage

KEYS = ("server", "flush", "streams")
HEADLINE = ("cpu_s_per_gb", "CPU s/GB")
STREAMS = 500
STREAM = "live/bench-{n}"
RAMP = 250  # a second


def cells(options):
    yield from shape_fanout.variants(options, "rtmp")


def measure(options, name, flush):
    file = streams.stream("500k")
    setting = servers.Setting("rtmp", flush, options.threads, file)
    with load.bench(options.lock) as t:
        server = servers.KINDS[name].start(t, setting)
        before = usage.private_bytes(server.pid)
        if server.publish_url(STREAM):
            load.publish(t, server, file, STREAMS, STREAM, RAMP)
            time.sleep(STREAMS / RAMP)
        both = [load.start_players(t, server.play_url(STREAM), STREAMS, options.seconds, f"{RAMP}/s")
                for _ in range(2)]
        time.sleep(STREAMS / RAMP + 0.5)
        cpu, start = usage.cpu_seconds(server.pid), time.monotonic()
        time.sleep(options.seconds - 1)
        cpu, elapsed = usage.cpu_seconds(server.pid) - cpu, time.monotonic() - start
        memory = usage.private_bytes(server.pid) - before
        results = [load.report(players, 60) for players in both]
    return row_of(results, name, flush, cpu / elapsed, memory, streams.rate_of(file))


def row_of(results, name, flush, cpu_per_second, memory, full_rate):
    total_bps = sum(result["rate_bps"]["total"] for result in results)
    latencies = [result.get("latency_ms") or {} for result in results]
    return {"server": name, "flush": flush, "streams": STREAMS,
            "cpu_s_per_gb": cpu_per_second / (total_bps / 8e9) if total_bps else None,
            "playing": sum(result["clients"]["running"] for result in results),
            "median_share": min(result["rate_bps"]["median"] for result in results) / full_rate,
            "private_bytes_per_stream": memory / STREAMS,
            "latency_p50_ms": table.median([latency.get("p50") for latency in latencies]),
            "latency_p99_ms": table.median([latency.get("p99") for latency in latencies])}


def present(rows):
    merged = table.merge(rows, KEYS)
    nginx = shape_fanout.find(merged, server="nginx-rtmp")
    return table.render(
        ["server", "flush", "streams", "playing", "CPU s/GB", "x nginx", "median gets", "KiB/stream",
         "latency ms p50/p99"],
        [[row["server"], row["flush"] or "-", row["streams"], f"{row['playing']:g}",
          table.number(row["cpu_s_per_gb"], 3), table.number(shape_fanout.ratio(row["cpu_s_per_gb"], nginx)),
          f"{100 * row['median_share']:.0f} %", f"{row['private_bytes_per_stream'] / 1024:.1f}",
          table.pair(row["latency_p50_ms"], row["latency_p99_ms"])] for row in merged])
