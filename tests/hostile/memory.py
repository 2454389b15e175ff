"""The peak growth of processes' resident memory; and findings of sanitizers."""

import os
import re

import harness


# ThreadSanitizer keeps who read and wrote each word last; AddressSanitizer puts red zones around each block and keeps
# freed ones for a while.
MEMORY_FACTOR = {"thread": 10, "address": 4, "": 1}[harness.SANITIZER]
SANITIZED = bool(harness.SANITIZER)
LOOKS_AT_THREADS = harness.SANITIZER == "thread"

if SANITIZED:
    # A finding ends the program. The quarantine is small: freed memory must not look like kept memory.
    os.environ.setdefault("ASAN_OPTIONS", "halt_on_error=1:detect_leaks=1:quarantine_size_mb=4:malloc_context_size=12")
    os.environ.setdefault("TSAN_OPTIONS", "halt_on_error=1:history_size=2")
    os.environ.setdefault("UBSAN_OPTIONS", "halt_on_error=1:print_stacktrace=1")

_COMPLAINT = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|: runtime error: ")


def check_sanitizers(processes):
    for process in processes:
        found = _COMPLAINT.search(process.stderr())
        harness.check(not found, f"{process.name}: {process.stderr()[found.start():found.start() + 4000] if found else ''}")


def _field(pid, name):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(name + ":"))


def peak_mb(process):
    """Its peak since its start in MiB; 0 if it has ended."""
    try:
        return _field(process.pid, "VmHWM") / 1024
    except (OSError, StopIteration):
        return 0


class Memory:
    """Growth since its construction. The kernel keeps the high-water mark, so that no peak is missed."""

    def __init__(self, processes):
        self._processes = processes
        for process in processes:
            with open(f"/proc/{process.pid}/clear_refs", "w") as f:
                f.write("5")  # resets the mark to the current size
        self._before = [_field(process.pid, "VmRSS") for process in processes]

    def grown_mb(self):
        """The peak growth of each process in MiB."""
        return [max(0, _field(process.pid, "VmHWM") - before) / 1024 for process, before in zip(self._processes, self._before)]
