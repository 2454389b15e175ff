"""How many players one core holds: players are raised until bytes are lost or the latency passes half a second.

The server has a core, the clients and the publisher another one. Two kinds of client: srs-bench, which reads seldom,
so that the kernel merges what waits; and bench-reading-client, which reads at once, beside WITNESSES of srs-bench's.
"""

import json
import os
import signal

import harness
import load
import servers
import shape_fanout
import streams
import table
import usage

KEYS = ("server", "flush", "protocol", "client")
HEADLINE = ("players", "players")
CLIENTS = ("seldom", "at once")
SERVER_CORE, CLIENT_CORE = 0, 1
FIRST, MOST = 500, 16000
REFINEMENTS = 3           # of the doubling in which it fails
SETTLE = 2.5              # seconds: nginx-rtmp begins with the next key frame
WITNESSES = 20            # players that measure the latency, beside the reading client's
WORST_LATENCY_MS = 500    # at the 99th percentile
LEAST_SHARE = 0.97        # of the stream's bytes: a measurement cuts groups of pictures at its ends


def cells(options):
    for protocol in options.protocols:
        for name, flush in shape_fanout.variants(options, protocol):
            for client in CLIENTS:
                yield name, flush, protocol, client


def measure(options, name, flush, protocol, client):
    """Doubles the players until the server fails, then halves the step between what it held and what it did not."""
    held, failed, count = None, None, FIRST
    refined = 0
    while refined <= REFINEMENTS and count <= MOST:
        result = attempt(options, name, flush, protocol, client, count)
        print(f"  {name} {flush} {protocol}, {client}: {count} players: {said(result)}", flush=True)
        if result["held"]:
            held = result
        else:
            failed = count
        if failed is None:
            count *= 2
            continue
        if held is None:
            count //= 2
            harness.check(count > WITNESSES, f"{name} holds no players")
            continue
        refined += 1
        count = round((held["players"] * failed) ** 0.5)
    harness.check(held is not None, f"{name} holds no players")
    return {"server": name, "flush": flush, "protocol": protocol, "client": client, "limit": failed, **held}


def said(result):
    return (f"{'held' if result['held'] else 'not held'}: {100 * result['share']:.1f} % of the bytes, latency p99 "
            f"{table.number(result['latency_p99_ms'], 0)} ms, cores {result['server_cores']:.2f} and {result['client_cores']:.2f}")


def on_core(core):
    """What is started from now on runs there."""
    os.sched_setaffinity(0, {core})


def attempt(options, name, flush, protocol, client, count):
    file = streams.stream(options.bitrate)
    setting = servers.Setting(protocol, flush, 1, file)
    cores = os.sched_getaffinity(0)
    with load.bench(options.lock) as t:
        try:
            on_core(SERVER_CORE)
            server = servers.KINDS[name].start(t, setting)
            on_core(CLIENT_CORE)
            load.publish(t, server, file)
            play = play_seldom if client == "seldom" else play_at_once
            result = play(t, options, server, count, streams.rate_of(file))
        finally:
            os.sched_setaffinity(0, cores)
    result["players"] = count
    result["held"] = (result["share"] >= LEAST_SHARE and result["playing"] and not result["gaps"] and
                      result["latency_p99_ms"] is not None and result["latency_p99_ms"] <= WORST_LATENCY_MS)
    return result


def play_seldom(t, options, server, count, rate_bps):
    ramp_seconds = count / float(options.ramp.removesuffix("/s"))
    seconds = options.seconds + SETTLE
    players = load.start_players(t, server.play_url(), count, seconds, options.ramp, pid=server.pid, verify=WITNESSES, settle=SETTLE)
    report = load.report(players, seconds + ramp_seconds + 90)
    clients, verified = report["clients"], report.get("verified") or {}
    server_use, client_use = report.get("server") or {}, report.get("client") or {}
    gigabytes = report["rate_bps"]["total"] / 8e9  # a second
    return {"share": report["rate_bps"]["total"] / (rate_bps * count),
            "playing": clients["running"] == count and not clients["without_media"],
            "gaps": (verified.get("timestamp_gaps") or 0) + (report.get("lost_messages") or 0),
            "latency_p50_ms": (report.get("latency_ms") or {}).get("p50"),
            "latency_p99_ms": (report.get("latency_ms") or {}).get("p99"),
            "cpu_s_per_gb": server_use.get("cpu_seconds_per_gb"),
            "server_cores": (server_use.get("cpu_seconds_per_gb") or 0) * gigabytes,
            "client_cores": (client_use.get("cpu_seconds_per_gb") or 0) * gigabytes}


def play_at_once(t, options, server, count, rate_bps):
    """The witnesses play while the reading client measures."""
    witnesses = load.start_players(t, server.play_url(), WITNESSES, 0, options.ramp, verify="all", settle=SETTLE)
    reader = t.start([os.path.join(harness.BIN, "bench-reading-client"), "-n", str(count - WITNESSES),
                      "--settle", f"{SETTLE:g}s", "--for", f"{options.seconds:g}s",
                      server.play_url()])
    try:
        reader.wait_line("measures", 120)
    except harness.Failed:
        pass  # below there is no result
    cpu = usage.cpu_seconds(server.pid)
    reader.wait(options.seconds + 60)
    cpu = usage.cpu_seconds(server.pid) - cpu
    reading = json.loads(reader.stdout()) if reader.returncode == 0 else None
    witnesses.signal(signal.SIGINT)
    report = load.report(witnesses, 60)
    verified = report.get("verified") or {}
    if reading is None:
        return {"share": 0, "playing": False, "gaps": 0, "latency_p50_ms": None, "latency_p99_ms": None,
                "cpu_s_per_gb": None, "server_cores": 0, "client_cores": 0}
    rate = reading["bytes"] * 8 / reading["seconds"]
    return {"share": rate / (rate_bps * (count - WITNESSES)),
            "playing": report["clients"]["running"] == WITNESSES,
            "gaps": verified.get("timestamp_gaps") or 0,
            "latency_p50_ms": (report.get("latency_ms") or {}).get("p50"),
            "latency_p99_ms": (report.get("latency_ms") or {}).get("p99"),
            "cpu_s_per_gb": cpu / (reading["bytes"] / 1e9),
            "server_cores": cpu / reading["seconds"],
            "client_cores": reading["cpu_seconds"] / reading["seconds"]}


def present(rows):
    merged = table.merge(rows, KEYS)
    for row in merged:
        nginx = [other["players"] for other in merged if other["server"] == "nginx-rtmp" and other["client"] == row["client"]]
        row["to_nginx"] = row["players"] / nginx[0] if nginx else None
    merged.sort(key=lambda row: (row["client"], row["protocol"], row["server"]))
    return table.render(
        ["server", "flush", "protocol", "client reads", "players held", "not held", "x nginx", "CPU s/GB",
         "latency ms p50/p99", "server's core", "client's core"],
        [[row["server"], row["flush"] or "-", row["protocol"], row["client"], f"{row['players']:g}",
          table.number(row["limit"], 0), table.number(row["to_nginx"]), table.number(row["cpu_s_per_gb"], 3),
          table.pair(row["latency_p50_ms"], row["latency_p99_ms"]), table.number(row["server_cores"]),
          table.number(row["client_cores"])] for row in merged])
