"""A tool of ours as the client of a malicious server: its status, memory and log."""

import os
import signal

import harness
from memory import MEMORY_FACTOR, check_sanitizers, peak_mb


class Client:
    """A running tool, and its peak memory."""

    def __init__(self, t, argv):
        self.argv = argv
        self.process = t.start(argv)
        self.peak_mb = 0.0

    def _sample(self):
        self.peak_mb = max(self.peak_mb, peak_mb(self.process))

    def ends(self, seconds=60):
        """Waits until it has ended by itself; its status."""
        def ended():
            self._sample()
            return not self.process.alive()
        harness.until(ended, f"{' '.join(self.argv)} to end", seconds, 0.02)
        return self.process.returncode

    def runs(self, condition, what):
        """Waits until condition() holds, or it has ended."""
        def done():
            self._sample()
            return condition() or not self.process.alive()
        harness.until(done, what, every=0.02)

    def check(self, what, *, memory_mb, lines, statuses=(0, 1)):
        """Checks a client that has ended; stops it first if it still runs."""
        if self.process.alive():
            self._sample()
            self.process.signal(signal.SIGINT)
            self.process.wait()
        name = os.path.basename(self.argv[0])
        said = self.process.stderr().splitlines()
        check_sanitizers([self.process])
        print(f"hostile-client | {name} | {what} | {self.peak_mb:.1f} | {len(said)} | {max(map(len, said), default=0)} |", flush=True)
        harness.check(self.process.returncode in statuses, f"{name}, {what}: status {self.process.returncode}: {said[-3:]}")
        harness.check(self.peak_mb <= memory_mb * MEMORY_FACTOR, f"{name}, {what}: it used {self.peak_mb:.0f} MiB")
        harness.check(len(said) <= lines, f"{name}, {what}: {len(said)} lines:\n" + "\n".join(said[:10]))
        harness.check(max(map(len, said), default=0) <= 512, f"{name}, {what}: a line of {max(map(len, said), default=0)} bytes")
        for line in said:
            harness.check(line.isprintable(), f"{name}, {what}: unprintable characters in a line: {line!r}")
