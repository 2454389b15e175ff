"""What it takes to cut a stream into segments: CPU seconds per GB of FLV, everything in memory.

Each packager reads the same file and keeps the same window of segments of the same length. Before anything is
measured each shows once, with a window that holds everything, that no media is missing from its segments.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time

import big_flv
import harness
import streams
import table

HEADLINE = ("cpu_s_per_gb", "CPU s/GB")
SEGMENT_SECONDS = 4  # two groups of pictures
WINDOW = 6
EVERYTHING = 100_000
PATIENCE = 300
HERE = os.path.dirname(os.path.abspath(__file__))
CAT, FLOOR = "cat into a file", "read, write, delete"


def srs_hls(*options):
    def command(window):
        return [os.path.join(harness.BIN, "srs-hls"), "-q", "--target", f"{SEGMENT_SECONDS}s",
                "--window", str(window), *options, "out"]
    return command


def ffmpeg(*options):
    def command(window):
        return ["ffmpeg", "-v", "error", "-nostdin", "-f", "flv", "-i", "pipe:0", "-c", "copy", "-f", "hls",
                "-hls_time", str(SEGMENT_SECONDS), "-hls_list_size", str(window),
                "-hls_flags", "delete_segments", *options, "out/x.m3u8"]
    return command


def packagers():
    """name -> (kind, command of a window)"""
    return {
        "srs-hls, TS": ("ts", srs_hls()),
        "ffmpeg, TS": ("ts", ffmpeg()),
        "srs-hls, fMP4": ("fmp4", srs_hls("--format", "fmp4")),
        "ffmpeg, fMP4": ("fmp4", ffmpeg("-hls_segment_type", "fmp4")),
        CAT: ("", lambda window: ["sh", "-c", "exec cat > out/all"]),
        FLOOR: ("", lambda window: [sys.executable, os.path.join(HERE, "hls_floor.py"), "out", str(window)]),
    }


def offers_formats():
    said = subprocess.run([os.path.join(harness.BIN, "srs-hls"), "--help"], capture_output=True, text=True)
    return "--format " in said.stdout


class Load:
    """The large file and a folder for what is made of it, both in memory."""

    def __init__(self, options):
        self.options = options
        self.packagers = packagers()
        if not offers_formats():
            print("hls: without fMP4: srs-hls has no --format", file=sys.stderr)
            self.packagers = {name: made for name, made in self.packagers.items() if made[0] != "fmp4"}

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="srs-hls-bench-", dir="/dev/shm")
        try:
            self.source = os.path.join(self.folder, "big.flv")
            big_flv.repeat(streams.stream(self.options.bitrate), self.source, self.options.size * 1_000_000)
            self.size = os.path.getsize(self.source)
            for name in self.packagers:
                self.check_nothing_is_lost(name)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def cells(self):
        return self.packagers

    def run(self, name, window):
        """(seconds, CPU seconds) of a packager and its children; the output stays."""
        out = os.path.join(self.folder, "out")
        shutil.rmtree(out, ignore_errors=True)
        os.mkdir(out)
        command = self.packagers[name][1](window)
        with open(self.source, "rb") as source, open(self.options.lock or os.devnull, "w") as held:
            if self.options.lock:
                fcntl.flock(held, fcntl.LOCK_EX)
            started = time.monotonic()
            process = subprocess.Popen(command, stdin=source, cwd=self.folder, stderr=subprocess.PIPE)
            said = process.stderr.read().decode(errors="replace")
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            seconds = time.monotonic() - started
        harness.check(process.returncode == 0, f"{' '.join(command)} (status {process.returncode}): {said}")
        return seconds, usage.ru_utime + usage.ru_stime

    def written(self):
        sizes = [os.path.getsize(os.path.join(folder, name))
                 for folder, _, names in os.walk(os.path.join(self.folder, "out")) for name in names]
        return sum(sizes)

    def check_nothing_is_lost(self, name):
        """Containers add bytes, and take away FLV's 15 and more for each frame: less than a twentieth here."""
        self.run(name, EVERYTHING)
        harness.check(self.written() > 0.95 * self.size,
                      f"{name}: {self.size} bytes went in, {self.written()} came out")

    def measure(self, name):
        seconds, cpu = self.run(name, WINDOW)
        gb = self.size / 1e9
        return {"packager": name, "kind": self.packagers[name][0], "cpu_s_per_gb": cpu / gb,
                "s_per_gb": seconds / gb}


def present(rows):
    merged = table.merge(rows, ("packager", "kind"))
    cost = {row["packager"]: row["cpu_s_per_gb"] for row in merged}
    rivals = {"ts": "ffmpeg, TS", "fmp4": "ffmpeg, fMP4"}
    times = lambda numerator, denominator: "-" if numerator is None else table.number(numerator / denominator)
    return table.render(
        ["packager", "CPU s/GB", "s/GB", f"x {CAT}", f"x {FLOOR}", "ffmpeg's / its"],
        [[row["packager"], table.number(row["cpu_s_per_gb"], 3), table.number(row["s_per_gb"], 3),
          times(row["cpu_s_per_gb"], cost[CAT]), times(row["cpu_s_per_gb"], cost[FLOOR]),
          times(cost.get(rivals.get(row["kind"])), row["cpu_s_per_gb"])] for row in merged])
