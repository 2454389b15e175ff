"""The latency from making a picture to its display by hls.js, over Low-Latency HLS.

This script makes a picture every 33 ms, with the time painted into it as black and white blocks; ffmpeg encodes and
publishes them; hls.js in headless Chromium displays them, and the page reads the blocks back from the display.
"""

import json
import os
import random
import subprocess
import sys
import threading
import time

import harness
import load
import table

HEADLINE = ("median_ms", "ms")
WIDTH, HEIGHT, RATE = 1280, 720, 30
BLOCK = 32
SETTLE_SECONDS = 8  # until the player has reached its target latency
HERE = os.path.dirname(os.path.abspath(__file__))
PLAYERS = os.path.join(harness.SOURCE, "tests", "e2e", "lib", "players")


def blocks(value):
    """24 bits and 8 that check them: see hls_latency.mjs."""
    check = (value ^ value >> 8 ^ value >> 16 ^ 0x5a) & 255
    bits = value << 8 | check
    row = b"".join(bytes([235 if bits >> (31 - i) & 1 else 16]) * BLOCK for i in range(32))
    row += bytes([128]) * (WIDTH - len(row))
    return row * BLOCK


class Camera(threading.Thread):
    """Writes raw pictures into an encoder as a camera would, until it is gone."""

    def __init__(self, pipe):
        super().__init__(daemon=True)
        self.pipe = pipe
        noise = random.Random(1)
        row = bytes((x * 200 // WIDTH) + 20 for x in range(WIDTH))
        below = HEIGHT - BLOCK
        # A few noisy pictures in turn, so that the encoder has motion.
        self.pictures = []
        for _ in range(4):
            luma = bytearray()
            for y in range(below):
                shift = noise.randrange(64)
                luma += row[shift:] + row[:shift]
            self.pictures.append(bytes(luma) + bytes([128]) * (WIDTH * HEIGHT // 2))

    def run(self):
        start = time.monotonic()
        for number in range(1_000_000):
            time.sleep(max(0.0, start + number / RATE - time.monotonic()))
            made = int(time.time() * 1000) & 0xffffff
            try:
                self.pipe.write(blocks(made) + self.pictures[number % len(self.pictures)])
                self.pipe.flush()
            except (BrokenPipeError, ValueError):
                return


class Load:
    def __init__(self, options):
        self.options = options
        if not os.path.isdir(os.path.join(PLAYERS, "node_modules")):
            subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=PLAYERS, check=True,
                           stdout=sys.stderr)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def cells(self):
        return self.options.parts

    def measure(self, part_ms):
        with load.bench(self.options.lock) as t:
            ingest, hls = t.pipeline(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"],
                                     ["srs-hls", "--low-latency", "--part", f"{part_ms}ms",
                                      "--listen", "http://127.0.0.1:0"])
            read_end, write_end = os.pipe()
            encoder = t.start(self.encoder(f"{ingest.address('rtmp')}/live/clock"), stdin=read_end)
            os.close(read_end)
            with os.fdopen(write_end, "wb", buffering=0) as pipe:
                Camera(pipe).start()
                hls.wait_line("live/clock: begins")
                time.sleep(5)  # a window of segments
                report = self.watch(t, f"{hls.address('http')}/live/clock.m3u8")
            encoder.end()
        return {"part_ms": part_ms, **report}

    def encoder(self, url):
        rate = self.options.bitrate
        return ["ffmpeg", "-v", "error", "-nostdin", "-probesize", "32", "-f", "rawvideo", "-pix_fmt", "yuv420p",
                "-video_size", f"{WIDTH}x{HEIGHT}", "-framerate", str(RATE), "-i", "pipe:0",
                "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
                "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", str(2 * RATE), "-sc_threshold", "0",
                "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-c:a", "aac", "-b:a", "128k",
                "-flush_packets", "1", "-f", "flv", url]

    def watch(self, t, url):
        seconds = self.options.seconds
        settle = min(SETTLE_SECONDS, 2 * seconds)
        browser = t.start(["node", os.path.join(HERE, "hls_latency.mjs"), url, f"{settle:g}", f"{seconds:g}"],
                          env={"HOME": t.dir, "TMPDIR": t.dir})
        status = browser.wait(settle + seconds + 60)
        harness.equal(status, 0, f"status of the browser: {browser.stderr()[-1500:]}")
        report = json.loads(browser.stdout())
        ages = sorted(report["latencies"])
        harness.check(len(ages) > seconds * RATE / 3 and not report["errors"],
                      f"the player showed {len(ages)} pictures, {report['unreadable']} unreadable: {report}")
        at = lambda share: ages[min(len(ages) - 1, int(share * len(ages)))]
        return {"median_ms": at(0.5), "p5_ms": at(0.05), "p95_ms": at(0.95), "max_ms": ages[-1], "pictures": len(ages),
                "unreadable": report["unreadable"], "stalls": report["warnings"].get("bufferStalledError", 0),
                "parts": report["loaded"]["parts"], "segments": report["loaded"]["segments"],
                "target_ms": report["targetLatency"] * 1000, "hls_js_ms": report["hlsLatency"] * 1000}


def present(rows):
    merged = table.merge(rows, ("part_ms",))
    return table.render(
        ["part ms", "latency ms", "p5 / p95", "max", "pictures", "unreadable", "stalls", "parts", "hls.js aims at",
         "hls.js says"],
        [[row["part_ms"], table.number(row["median_ms"], 0), table.pair(row["p5_ms"], row["p95_ms"], 0),
          table.number(row["max_ms"], 0), table.number(row["pictures"], 0), table.number(row["unreadable"], 0),
          table.number(row["stalls"], 0), table.number(row["parts"], 0), table.number(row["target_ms"], 0),
          table.number(row["hls_js_ms"], 0)] for row in merged])
