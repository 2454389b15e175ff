"""--on-full when nobody reads: exit ends with a message and status 1, drop-gop goes on and says so, block waits."""

import os

import harness
import media


def start(t, policy):
    read_end, write_end = os.pipe()
    ingest = t.start(["srs-ingest", "--on-full", policy, "--loop", media.fixture("busy.flv")], stdout=write_end)
    os.close(write_end)
    return ingest, read_end


def test(t):
    ingest, _exit = start(t, "exit")
    harness.equal(ingest.wait(), 1, "exit status of --on-full exit")
    harness.check("too slow" in ingest.stderr(), f"--on-full exit says {ingest.stderr()!r}")

    ingest, _drop = start(t, "drop-gop")
    ingest.wait_line("the reader of our output is slow: dropping")
    harness.check(ingest.alive(), "--on-full drop-gop ended")
    ingest.stop(5)

    ingest, block = start(t, "block")
    got = 0
    while got < 60 << 20:  # several times round the file, slower than it could be read
        data = os.read(block, 1 << 16)
        harness.check(data, f"--on-full block ended: {ingest.stderr()}")
        got += len(data)
    harness.check("drop" not in ingest.stderr(), f"--on-full block dropped: {ingest.stderr()}")
    ingest.stop(5)


harness.main(test)
