"""Very many players of Low-Latency HLS on one stream of srs-hls, compared with nginx serving the same files.

srs-bench plays from srs-hls: blocking reloads, every part by its preload hint. nginx has no parts of its own: the
playlist and parts of such a stream, copied from srs-hls, are in memory, and bench-http-load requests them at the same
rate, all clients at once every 200 ms. So nginx only answers; it makes no parts and holds back no requests.
"""

import json
import os
import re
import shutil
import tempfile
import time
import urllib.request

import harness
import load
import servers
import streams
import table
import usage

HEADLINE = ("cpu_s_per_gb", "CPU s/GB")
PART_MS = 200
PARTS = 40  # that nginx serves in turn
STREAM = "live/bench"
HLS, NGINX = "srs-hls --low-latency", "nginx, static files"


class Stream:
    """A publisher in real time, and srs-hls behind it."""

    def __init__(self, t, file):
        self.ingest, self.hls = t.pipeline(
            ["srs-ingest", "--listen", "rtmp://127.0.0.1:0"],
            ["srs-hls", "--low-latency", "--part", f"{PART_MS}ms", "--listen", "http://127.0.0.1:0"])
        t.start(["srs-bench", "publish", "--for", "0", "--input", file, f"{self.ingest.address('rtmp')}/{STREAM}"])
        self.url = f"{self.hls.address('http')}/{STREAM}.m3u8"
        # Parts of the last three segments are listed, so that a player finds all it needs.
        harness.until(lambda: len(self.parts()) >= 20, "parts of the stream")

    def playlist(self):
        """(URL, text) of the media playlist; None if there is none yet."""
        try:
            with urllib.request.urlopen(self.url, timeout=5) as answer:
                name = re.search(r"(?m)^[^#\s]\S*$", answer.read().decode())
            url = self.url.rsplit("/", 1)[0] + "/" + name[0]
            with urllib.request.urlopen(url, timeout=5) as answer:
                return url, answer.read().decode()
        except (OSError, TypeError):
            return None

    def parts(self):
        found = self.playlist()
        return re.findall(r'#EXT-X-PART:.*?URI="([^"]+)"', found[1]) if found else []

    def take_files(self, folder):
        """Writes the playlist and parts to the folder; returns their names."""
        names = []
        end = time.monotonic() + 30
        while len(names) < PARTS:
            harness.check(time.monotonic() < end, f"only {len(names)} parts in 30 s")
            url, text = self.playlist()
            for name in re.findall(r'#EXT-X-PART:.*?URI="([^"]+)"', text):
                if name in names or len(names) == PARTS:
                    continue
                with urllib.request.urlopen(url.rsplit("/", 1)[0] + "/" + name, timeout=5) as answer, \
                        open(os.path.join(folder, name), "wb") as f:
                    shutil.copyfileobj(answer, f)
                names.append(name)
            time.sleep(0.2)
        with open(os.path.join(folder, "av.m3u8"), "w") as f:
            f.write(text)
        return ["/av.m3u8"] + ["/" + name for name in names]


def start_nginx(t, folder):
    port = harness.free_port()
    config = t.path("nginx.conf")
    with open(config, "w") as f:
        f.write(f"""user root;
daemon off;
worker_processes 1;
worker_rlimit_nofile {servers.DESCRIPTORS};
pid {t.path('nginx.pid')};
error_log stderr error;
events {{ worker_connections {servers.DESCRIPTORS - 1000}; }}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  open_file_cache max=1000;
  types {{ application/vnd.apple.mpegurl m3u8; video/mp4 m4s; }}
  server {{ listen 127.0.0.1:{port} backlog=4096; root {folder}; }}
}}
""")
    process = t.start([servers.Nginx.program(), "-p", t.dir, "-c", config])
    harness.until(lambda: harness.accepts(port), "nginx to listen")
    return process, f"http://127.0.0.1:{port}/"


class Load:
    def __init__(self, options):
        self.options = options
        self.file = streams.stream(options.bitrate)
        self.kinds = [HLS]
        if servers.Nginx.program():
            self.kinds.append(NGINX)
        else:
            print("hls: without nginx: it is not installed")

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="srs-hls-bench-", dir="/dev/shm")
        os.chmod(self.folder, 0o755)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def cells(self):
        return [(kind, players) for players in self.options.players for kind in self.kinds]

    def measure(self, cell):
        kind, players = cell
        with load.bench(self.options.lock) as t:
            stream = Stream(t, self.file)
            row = self.measure_hls(t, stream, players) if kind == HLS else self.measure_nginx(t, stream, players)
        return {"server": kind, "players": players, **row}

    def measure_hls(self, t, stream, players):
        before = usage.private_bytes(stream.hls.pid)
        argv = ["srs-bench", "--json", "play", "-n", str(players), "--for", f"{self.options.seconds:g}s",
                "--ramp", "500/s", "--pid", str(stream.hls.pid), stream.url]
        report = load.report(t.start(argv), self.options.seconds + players / 500 + 60)
        hls = report["hls"]
        at = lambda figure, share: figure[share] if figure else None
        return {"playing": report["clients"]["running"],
                "cpu_s_per_gb": report["server"]["cpu_seconds_per_gb"], "gbit_s": report["rate_bps"]["total"] / 1e9,
                "requests_s": None, "delivery_p50": at(hls["delivery_ms"], "p50"),
                "delivery_p99": at(hls["delivery_ms"], "p99"), "spread_p99": at(hls["spread_ms"], "p99"),
                "stalls": report["stalls"], "errors": sum(hls["errors"].values()), "missed": hls["missed"],
                "kib_a_player": (report["server"]["private_bytes"] - before) / 1024 / players,
                "client_s_per_gb": report["client"]["cpu_seconds_per_gb"]}

    def measure_nginx(self, t, stream, players):
        files = stream.take_files(self.folder)
        # Only the measured server runs.
        for process in t.processes:
            process.end()
        nginx, url = start_nginx(t, self.folder)
        process = t.start([os.path.join(harness.BIN, "bench-http-load"), "-n", str(players),
                           "--for", f"{self.options.seconds:g}s", "--every", f"{PART_MS}ms", "--pid", str(nginx.pid),
                           url, *files])
        process.succeeds(self.options.seconds + 60)
        report = json.loads(process.stdout())
        return {"playing": players, "cpu_s_per_gb": report["server_cpu_seconds_per_gb"],
                "gbit_s": report["bytes"] * 8 / 1e9 / self.options.seconds,
                "requests_s": report["requests"] / self.options.seconds,
                "delivery_p50": report["delivery_ms"]["p50"], "delivery_p99": report["delivery_ms"]["p99"],
                "spread_p99": None, "stalls": report["late"], "errors": report["errors"], "missed": None,
                "kib_a_player": None, "client_s_per_gb": report["client_cpu_seconds_per_gb"]}


def present(rows):
    merged = table.merge(rows, ("server", "players"))
    return table.render(
        ["server", "players", "playing", "CPU s/GB", "Gbit/s", "delivery ms p50/p99", "spread p99", "stalls", "errors",
         "missed", "KiB/player", "client s/GB"],
        [[row["server"], row["players"], table.number(row["playing"], 0), table.number(row["cpu_s_per_gb"], 3),
          table.number(row["gbit_s"]), table.pair(row["delivery_p50"], row["delivery_p99"]),
          table.number(row["spread_p99"], 1), table.number(row["stalls"], 0), table.number(row["errors"], 0),
          table.number(row["missed"], 0), table.number(row["kib_a_player"], 1),
          table.number(row["client_s_per_gb"], 3)] for row in merged])
