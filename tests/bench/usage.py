"""CPU time and memory of a process and its children, from /proc."""

import os


def family(pid):
    """The process and its descendants."""
    pids = [pid]
    for parent in pids:
        try:
            for task in os.listdir(f"/proc/{parent}/task"):
                with open(f"/proc/{parent}/task/{task}/children") as f:
                    pids += map(int, f.read().split())
        except OSError:
            pass  # it has just ended
    return pids


def cpu_seconds(pid):
    """User and system time of the family so far, to the nanosecond where the kernel counts so."""
    total = 0.0
    for member in family(pid):
        try:
            for task in os.listdir(f"/proc/{member}/task"):
                with open(f"/proc/{member}/task/{task}/schedstat") as f:
                    total += int(f.read().split()[0]) / 1e9
        except OSError:
            pass
    return total


def private_bytes(pid):
    """The family's private memory: without its code, shared libraries and the kernel's socket buffers."""
    total = 0
    for member in family(pid):
        try:
            with open(f"/proc/{member}/smaps_rollup") as f:
                for line in f:
                    if line.startswith(("Private_Clean:", "Private_Dirty:")):
                        total += int(line.split()[1]) * 1024
        except OSError:
            pass
    return total
