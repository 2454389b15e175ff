"""Key frames that are far apart, and a test picture that is more than the machine can make, are said once, with what to do."""

import harness


def said(stage, words):
    return [line for line in stage.stderr().splitlines() if words in line]


def test(t):
    late = t.start(["srs-ingest", "test:?size=7680x4320&rate=240&bitrate=200M&audio=off"], stdout="/dev/null")
    ingest, relay, hls = t.pipeline(
        ["srs-ingest", "test:?size=64x64&rate=10&gop=6s&audio=off"],
        ["srs-relay", "--stream", "live/obs", "--listen", "http://127.0.0.1:0", "--pass"],
        ["srs-hls", "--stream", "live/obs", t.path("www")])
    late.wait_line(r"warning: the test picture cannot keep up with the clock: \d+\.\d s are left out; ask for less, like test:\?size=640x360&rate=15")
    late.end()
    for stage in (relay, hls):
        stage.wait_line(r"warning: live/obs: key frames are 6\.0 s apart: .*; set the encoder's key frame interval to 2 s")
    harness.until(lambda: "#EXTINF:6.0" in open(t.path("www/live/obs/av.m3u8")).read(), "segments of the length that was told of")
    ingest.stop()
    for stage in (relay, hls):
        stage.succeeds()
        harness.equal(len(said(stage, "key frames are")), 1, f"lines about key frames of {stage.name}: {stage.stderr()}")


harness.main(test)
