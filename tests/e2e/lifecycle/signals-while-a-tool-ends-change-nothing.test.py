"""A signal that is repeated until the tool is gone counts once: the status is that of a good end, whenever the last one comes."""

import signal
import time

import harness
import media


def ends_well(t, argv, stdin):
    tool = t.start(argv, stdin=open(stdin, "rb") if stdin else None)
    tool.wait_line(r"listening|begins|published|live/a")
    end = time.monotonic() + 0.3  # the same signal behind half a second is a second one
    while tool.alive() and time.monotonic() < end:
        tool.signal(signal.SIGINT)
        time.sleep(0.0005)
    harness.equal(tool.wait(), 0, f"exit status of {argv[0]}")


def test(t):
    url = "http://127.0.0.1:0"
    for _ in range(15):
        ends_well(t, ["srs-ingest", "--listen", "rtmp://127.0.0.1:0"], None)
        ends_well(t, ["srs-relay", "--no-stdin", "--accept-publish", "--listen", url], None)
        ends_well(t, ["srs-hls", "--listen", url, t.path("www")], media.fixture("small.flv"))


harness.main(test)
