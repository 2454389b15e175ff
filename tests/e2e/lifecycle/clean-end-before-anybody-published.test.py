"""A server that is stopped before anybody published ends well in every stage; one whose source was never there does not."""

import harness
from live import LiveServer


def test(t):
    server = LiveServer(t)
    server.stop()
    stages = t.pipeline(["srs-ingest", t.path("none.mp4")], ["srs-relay", "--listen", "http://127.0.0.1:0", "--pass"],
                        ["srs-hls", t.path("www2")])
    for stage in stages:
        harness.equal(stage.wait(10), 1, f"exit status of {stage.name} without its source: {stage.stderr()}")


harness.main(test)
