"""The cost of cutting a stream into segments: CPU seconds per GB of FLV, everything in memory.

Each packager reads the same files and keeps the same window of segments of the same length. Before the measurement
each runs once with an unlimited window, to check that no media is missing from its segments.
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
    def command(window, _):
        return [os.path.join(harness.BIN, "srs-hls"), "-q", "--target", f"{SEGMENT_SECONDS}s",
                "--window", str(window), *options, "out"]
    return command


def ffmpeg(*options):
    def command(window, _):
        return ["ffmpeg", "-v", "error", "-nostdin", "-f", "flv", "-i", "pipe:0", "-c", "copy", "-f", "hls",
                "-hls_time", str(SEGMENT_SECONDS), "-hls_list_size", str(window),
                "-hls_flags", "delete_segments", *options, "out/x.m3u8"]
    return command


def packagers():
    """name -> (kind, function from window and segment size to a command)"""
    return {
        "srs-hls, TS": ("ts", srs_hls()),
        "ffmpeg, TS": ("ts", ffmpeg()),
        "srs-hls, fMP4": ("fmp4", srs_hls("--format", "fmp4")),
        "ffmpeg, fMP4": ("fmp4", ffmpeg("-hls_segment_type", "fmp4")),
        CAT: ("", lambda *_: ["sh", "-c", "exec cat > out/all"]),
        FLOOR: ("", lambda *sizes: [sys.executable, os.path.join(HERE, "hls_floor.py"), "out", *map(str, sizes)]),
    }


class Source:
    """A large file, named as on the command line: "1280x720-30-2M"."""

    def __init__(self, name, folder, megabytes):
        size, frames, bit_rate = name.split("-")
        self.name = name
        self.path = os.path.join(folder, name + ".flv")
        big_flv.repeat(streams.stream(bit_rate, size, int(frames)), self.path, megabytes * 1_000_000)
        self.size = os.path.getsize(self.path)
        self.segment_bytes = streams.bits_per_second(bit_rate) // 8 * SEGMENT_SECONDS

    def __repr__(self):
        return self.name


class Load:
    """The large files and a folder for the output, all in memory."""

    def __init__(self, options):
        self.options = options

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="srs-hls-bench-", dir="/dev/shm")
        try:
            self.sources = [Source(name, self.folder, self.options.size) for name in self.options.streams]
            for cell in self.cells():
                self.check_nothing_is_lost(cell)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def cells(self):
        return [(source, name) for source in self.sources for name in packagers()]

    def run(self, cell, window):
        """(seconds, CPU seconds) of a packager and its children; the output stays."""
        out = os.path.join(self.folder, "out")
        shutil.rmtree(out, ignore_errors=True)
        os.mkdir(out)
        source, name = cell
        command = packagers()[name][1](window, source.segment_bytes)
        with open(source.path, "rb") as stdin, open(self.options.lock or os.devnull, "w") as held:
            if self.options.lock:
                fcntl.flock(held, fcntl.LOCK_EX)
            started = time.monotonic()
            process = subprocess.Popen(command, stdin=stdin, cwd=self.folder, stderr=subprocess.PIPE)
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

    def check_nothing_is_lost(self, cell):
        """Containers add bytes, and save FLV's 15 or more per frame: less than a twentieth here."""
        source, name = cell
        self.run(cell, EVERYTHING)
        harness.check(self.written() > 0.95 * source.size,
                      f"{name}, {source.name}: {source.size} bytes went in, {self.written()} came out")

    def measure(self, cell):
        source, name = cell
        seconds, cpu = self.run(cell, WINDOW)
        gb = source.size / 1e9
        return {"stream": source.name, "packager": name, "kind": packagers()[name][0],
                "cpu_s_per_gb": cpu / gb, "s_per_gb": seconds / gb}


def present(rows):
    merged = table.merge(rows, ("stream", "packager", "kind"))
    cost = {(row["stream"], row["packager"]): row["cpu_s_per_gb"] for row in merged}
    rivals = {"ts": "ffmpeg, TS", "fmp4": "ffmpeg, fMP4"}

    def line(row):
        mine = row["cpu_s_per_gb"]
        times = [mine / cost[row["stream"], floor] for floor in (CAT, FLOOR)]
        rival = cost.get((row["stream"], rivals.get(row["kind"])))
        return [row["stream"], row["packager"], table.number(mine, 3), table.number(row["s_per_gb"], 3),
                *map(table.number, times), table.number(rival / mine if rival else None)]

    return table.render(["stream", "packager", "CPU s/GB", "s/GB", f"x {CAT}", f"x {FLOOR}", "ffmpeg's / its"],
                        list(map(line, merged)))
