"""What the relay and the probe pass on is what came in, packet for packet."""

import harness
import media


def test(t):
    path = media.fixture("h264_aac.flv")
    out = t.path("out.flv")
    stages = t.pipeline(
        ["srs-ingest", "--realtime", path],
        ["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--stream", "live/x", "--pass"],
        ["srs-probe", "--pass", "-"],
        stdout=out)
    for stage in stages:
        harness.equal(stage.wait(), 0, f"exit status of {stage.name}:\n{stage.stderr()}")
    media.lossless(media.framemd5(path), media.framemd5(out), what="ingest | relay | probe")


harness.main(test)
