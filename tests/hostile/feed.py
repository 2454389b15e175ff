"""Runs a stage on bytes on its standard input until it ends by itself; and makes such bytes from files."""

import os
import subprocess

import flv
import harness
import media
from memory import MEMORY_FACTOR, check_sanitizers

# Each stage as the reader of a pipe. Its output is not checked.
STAGES = {
    "srs-ingest": ["srs-ingest", "-"],
    "srs-relay": ["srs-relay", "--pass"],
    "srs-hls": ["srs-hls", "--target", "1s", "www"],
    "srs-probe": ["srs-probe", "--json", "-"],
}
MEMORY_MB = 60  # of a stage in all: a good file of the same size needs somewhat less


def flv_of(name):
    """A fixture as FLV, made by srs-ingest: FFmpeg's own muxer does not accept every codec."""
    source = media.fixture(name)
    if source.endswith(".flv"):
        return source
    path = os.path.splitext(source)[0] + ".from.flv"
    if not os.path.exists(path):
        with open(path + f".{os.getpid()}", "wb") as f:
            subprocess.run([os.path.join(harness.BIN, "srs-ingest"), source], stdout=f, stderr=subprocess.DEVNULL, check=True, timeout=120)
        os.rename(f.name, path)
    return path


def script(name, values):
    return flv.amf(name) + flv.amf(values)


def on_channel(tags, channel=1, path="live/x"):
    """A pipe in the form for many streams, with only this one."""
    begin = flv.write_tag(18, 0, script("onStream", {"path": path, "event": "begin", "origin": "test"}), channel)
    end = flv.write_tag(18, 0, script("onStream", {"path": path, "event": "end"}), channel)
    return flv.HEADER + begin + b"".join(flv.write_tag(t.kind, t.time, t.body, channel) for t in tags) + end


def plain(tags):
    return flv.HEADER + b"".join(flv.write_tag(t.kind, t.time, t.body) for t in tags)


class Fed:
    """A stage that has read `data` and ended. status, lines (of stderr), media (tags of its output), output (bytes)."""

    def __init__(self, t, name, data, what, seconds=harness.PATIENCE):
        source, out = t.path("in.flv"), t.path("out.flv")
        with open(source, "wb") as f:
            f.write(data)
        os.makedirs(t.path("work"), exist_ok=True)
        process = t.start(STAGES[name], stdin=source, stdout=out, cwd=t.path("work"))
        try:
            _, status, usage = _wait(process, seconds, what)
        finally:
            process.end()
        self.name, self.what = name, what
        self.status = os.waitstatus_to_exitcode(status)
        self.lines = process.stderr().splitlines()
        self.peak_mb = usage.ru_maxrss / 1024
        with open(out, "rb") as f:
            self.output = f.read()
        check_sanitizers([process])
        harness.check(self.status in (0, 1), f"{name} fed {what}: status {self.status}: {process.stderr()[-2000:]}")
        harness.check(self.peak_mb < MEMORY_MB * MEMORY_FACTOR, f"{name} fed {what}: it used {self.peak_mb:.0f} MiB")
        harness.check(len(self.lines) <= 12, f"{name} fed {what}: {len(self.lines)} lines:\n" + "\n".join(self.lines[:12]))
        longest = max(map(len, self.lines), default=0)
        harness.check(longest <= 512, f"{name} fed {what}: a line of {longest} bytes")

    def ends_well(self):
        harness.equal(self.status, 0, f"status of {self.name} fed {self.what} ({self.lines[-3:]})")
        return self

    def complains(self):
        """It failed with one error line."""
        errors = [line for line in self.lines if ": error: " in line]
        harness.equal((self.status, len(errors)), (1, 1), f"status and complaints of {self.name} fed {self.what} ({self.lines[-3:]})")
        return self

    def media(self):
        return [tag for tag in flv.tags(self.output) if flv.is_media(tag)]


def _wait(process, seconds, what):
    def ended():
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        return (pid, status, usage) if pid else None
    result = harness.until(ended, f"{process.name} fed {what} to end", seconds, 0.01)
    process.popen.returncode = os.waitstatus_to_exitcode(result[1])
    return result
