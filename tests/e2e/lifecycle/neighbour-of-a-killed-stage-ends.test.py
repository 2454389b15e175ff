"""kill -9 of any stage: a neighbour with nothing else to do ends with a message and a status other than 0."""

import os
import signal

import harness
import media


def survivors_end(t, victim):
    stages = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", "--name", "live/x", media.fixture("h264_aac.flv")],
        ["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--pass"],
        ["srs-hls", t.path(f"www{victim}")])
    harness.until(lambda: "live" in os.listdir(t.dir + f"/www{victim}")
                  if os.path.isdir(t.dir + f"/www{victim}") else False, "the first bytes at srs-hls")
    stages[victim].signal(signal.SIGKILL)
    for i, stage in enumerate(stages):
        if i == victim:
            continue
        status = stage.wait(10)
        harness.check(status > 0, f"{stage.name} ended with {status} after kill -9 of {stages[victim].name}")
        harness.check(stage.name in stage.stderr(), f"{stage.name} said nothing of use: {stage.stderr()!r}")


def test(t):
    for victim in range(3):
        survivors_end(t, victim)


harness.main(test)
