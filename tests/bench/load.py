"""The load: srs-bench, as publisher and as players."""

import contextlib
import fcntl
import json
import sys

import harness
import servers


@contextlib.contextmanager
def machine(lock):
    """Reserves the machine for a measurement, among programs that use the same lock file."""
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
    try:
        with machine(lock):
            yield t
    except harness.Failed:
        for process in t.processes:
            said = process.stderr().strip().splitlines()[-3:]
            print(*(f"{process.name}: {line}" for line in said), sep="\n", file=sys.stderr)
        raise
    finally:
        t.close(failed=False)


def publish(t, server, path, count=1, stream=servers.STREAM, ramp=250):
    """A publisher (or many) until the end of the measurement; returns once the first stream can be played.

    nginx-rtmp needs 90 ms for a player's first media, the others much less.
    """
    url = server.publish_url(stream)
    if url is None:
        return None
    publisher = t.start(["srs-bench", "publish", "-n", str(count), "--for", "0", "--ramp", f"{ramp}/s",
                         "--input", path, url])
    def plays():
        harness.check(publisher.alive(), f"the publisher ended: {publisher.stderr()}")
        probe = t.run(["srs-bench", "-q", "play", "--for", "500ms", server.play_url(stream.replace("{n}", "0"))])
        return probe.returncode == 0
    harness.until(plays, "the stream to be played")
    return publisher


def start_players(t, url, count, seconds, ramp, pid=None, verify=None, threads=1, reference=None,
                  settle=None):
    argv = ["srs-bench", "--json", "play", "-n", str(count), "--for", f"{seconds:g}s", "--ramp", ramp,
            "--threads", str(threads), "--timeout", "15s"]
    if pid is not None:
        argv += ["--pid", str(pid)]
    if verify is not None:
        argv += ["--verify", str(verify)]
    if settle is not None:
        argv += ["--settle", f"{settle:g}s"]
    if reference is not None:
        argv += ["--reference", reference]
    return t.start(argv + [url])


def report(process, seconds):
    """srs-bench's report. Failed players are in the report; they do not fail the benchmark."""
    process.wait(seconds)
    text = process.stdout()
    harness.check(text.startswith("{"), f"srs-bench gave no report: {process.stderr()}")
    return json.loads(text)


def play(t, server, count, seconds, ramp="500/s", stream=servers.STREAM, **options):
    """Plays to the end; srs-bench's report."""
    rate = float(ramp.removesuffix("/s"))
    players = start_players(t, server.play_url(stream), count, seconds, ramp, pid=server.pid, **options)
    return report(players, seconds + count / rate + 60)
