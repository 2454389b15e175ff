"""The load: srs-bench, as publisher and as players."""

import contextlib
import fcntl
import json
import time

import harness
import servers
import usage


@contextlib.contextmanager
def machine(lock):
    """While it is measured, the machine is ours alone: among programs that take the same lock file."""
    if not lock:
        yield
        return
    with open(lock, "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def bench(lock=None):
    """A folder and the processes of one measurement, all ended with it."""
    t = harness.Test()
    failed = True
    try:
        with machine(lock):
            yield t
        failed = False
    finally:
        t.close(failed)


def publish(t, server, path, count=1, stream=servers.STREAM, ramp=250):
    """A publisher (or many) until the end of the measurement; returns once the first stream can be played."""
    url = server.publish_url(stream)
    if url is None:
        return None
    publisher = t.start(["srs-bench", "publish", "-n", str(count), "--for", "0", "--ramp", f"{ramp}/s",
                         "--input", path, url])
    def plays():
        harness.check(publisher.alive(), f"the publisher ended: {publisher.stderr()}")
        return t.run(["srs-bench", "-q", "play", "--for", "50ms", "--timeout", "3s",
                      server.play_url(stream.replace("{n}", "0"))]).returncode == 0
    harness.until(plays, "the stream to be played")
    return publisher


def start_players(t, url, count, seconds, ramp, pid=None, verify=None, threads=1, reference=None):
    argv = ["srs-bench", "--json", "play", "-n", str(count), "--for", f"{seconds:g}s", "--ramp", ramp,
            "--threads", str(threads), "--timeout", "15s"]
    if pid:
        argv += ["--pid", str(pid)]
    if verify is not None:
        argv += ["--verify", str(verify)]
    if reference is not None:
        argv += ["--reference", reference]
    return t.start(argv + [url])


def report(process, seconds):
    """What srs-bench reports. Players that failed are in the report, they do not fail the bench."""
    process.wait(seconds)
    text = process.stdout()
    harness.check(text.startswith("{"), f"srs-bench gave no report: {process.stderr()}")
    return json.loads(text)


def play(t, server, count, seconds, ramp="500/s", stream=servers.STREAM, **options):
    """Plays and waits; srs-bench's report."""
    rate = float(ramp.removesuffix("/s"))
    before = usage.cpu_seconds(server.pid), usage.private_bytes(server.pid)
    after = before
    players = start_players(t, server.play_url(stream), count, seconds, ramp, **options)
    while players.alive():
        time.sleep(0.1)
        after = usage.cpu_seconds(server.pid), max(after[1], usage.private_bytes(server.pid))
    result = report(players, seconds + count / rate + 60)
    result["server"] = {"cpu_seconds_per_gb": (after[0] - before[0]) / (result["bytes"] / 1e9),
                        "private_bytes_per_player": (after[1] - before[1]) / count}
    return result
