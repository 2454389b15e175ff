"""One stream, very many players: each server's cost, side by side."""

import load
import servers
import streams
import table

KEYS = ("server", "flush", "protocol", "players")
HEADLINE = ("cpu_s_per_gb", "CPU s/GB")


def variants(options, protocol):
    """(server's name, flush) of all servers with this protocol."""
    for name in options.servers:
        kind = servers.KINDS[name]
        if protocol in kind.protocols:
            for flush in options.flush if kind.flushes else [""]:
                yield name, flush


def cells(options):
    for players in options.players:
        for protocol in options.protocols:
            for name, flush in variants(options, protocol):
                yield name, flush, protocol, players


def default_flush(options, protocol):
    """The servers, each with its default flush."""
    for name in options.servers:
        if protocol in servers.KINDS[name].protocols:
            yield name, "auto" if servers.KINDS[name].flushes else ""


def cells_of_default_flush(options):
    for protocol in options.protocols:
        for name, flush in default_flush(options, protocol):
            yield name, flush, protocol


def measure(options, name, flush, protocol, players):
    """Measures one server under one load: a row."""
    file = streams.stream(options.bitrate)
    setting = servers.Setting(protocol, flush, options.threads, file)
    with load.bench(options.lock) as t:
        server = servers.KINDS[name].start(t, setting)
        load.publish(t, server, file)
        result = load.play(t, server, players, options.seconds, options.ramp,
                           verify=options.verify, threads=options.client_threads)
    return row_of(result, name, flush, protocol, players, streams.rate_of(file))


def row_of(result, name, flush, protocol, players, full_rate):
    server = result.get("server") or {}
    first = result.get("first_key_frame_ms") or {}
    latency = result.get("latency_ms") or {}
    verified = result.get("verified") or {}
    clients = result["clients"]
    return {
        "server": name, "flush": flush, "protocol": protocol, "players": players,
        "cpu_s_per_gb": server.get("cpu_seconds_per_gb"),
        "client_cpu_s_per_gb": (result.get("client") or {}).get("cpu_seconds_per_gb"),
        "worst_share": result["rate_bps"]["min"] / full_rate,
        "median_share": result["rate_bps"]["median"] / full_rate,
        "not_playing": clients["requested"] - clients["running"] + clients["without_media"],
        "first_key_p50_ms": first.get("p50"), "first_key_p99_ms": first.get("p99"),
        "private_bytes_per_player": server.get("private_bytes_per_player"),
        "latency_p50_ms": latency.get("p50"), "latency_p99_ms": latency.get("p99"),
        "gaps": verified.get("timestamp_gaps"), "stalls": result.get("stalls"),
    }


def find(rows, **wanted):
    for row in rows:
        if all(row[key] == value for key, value in wanted.items()):
            return row["cpu_s_per_gb"]
    return None


def ratio(value, to):
    return value / to if value is not None and to else None


def add_ratios(rows):
    """Ratios to the floor with the same flush, or with each message sent; and to nginx-rtmp, always over RTMP."""
    for row in rows:
        floor = find(rows, server="floor", protocol=row["protocol"], players=row["players"],
                     flush=row["flush"] or "0")
        nginx = find(rows, server="nginx-rtmp", players=row["players"])
        row["to_floor"] = ratio(row["cpu_s_per_gb"], floor)
        row["to_nginx"] = ratio(row["cpu_s_per_gb"], nginx)


def present(rows):
    merged = table.merge(rows, KEYS)
    add_ratios(merged)
    merged.sort(key=lambda row: (row["protocol"], row["players"], row["flush"], row["server"]))
    percent = lambda share: f"{100 * share:.0f} %"
    kib = lambda size: table.number(size and size / 1024, 1)
    return table.render(
        ["server", "protocol", "players", "flush", "CPU s/GB", "x floor", "x nginx", "worst gets",
         "not playing", "first key ms p50/p99", "KiB/player", "latency ms p50/p99", "client s/GB"],
        [[row["server"], row["protocol"], row["players"], row["flush"] or "-",
          table.number(row["cpu_s_per_gb"], 3), table.number(row["to_floor"]), table.number(row["to_nginx"]),
          percent(row["worst_share"]), f"{row['not_playing']:g}",
          table.pair(row["first_key_p50_ms"], row["first_key_p99_ms"]),
          kib(row["private_bytes_per_player"]),
          table.pair(row["latency_p50_ms"], row["latency_p99_ms"]),
          table.number(row["client_cpu_s_per_gb"], 3)] for row in merged])
