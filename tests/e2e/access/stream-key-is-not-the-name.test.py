"""A key as encoders know it: OBS has a server and a stream key. The key stands for a stream whose name is another one, and appears
nowhere."""

import harness
import rights

RULES = """
[keys.stage]
key = "3f9a7c1e5b"
path = "live/stage"
allow = ["publish live/stage"]

[anyone]
allow = ["play live/**"]
"""


def test(t):
    server = rights.Guarded(t, RULES)
    harness.check(not server.may_publish("live/3f9a7c1e5c"), "a mistyped key may publish")
    harness.check(not server.may_publish("live/stage"), "the name is as good as its key")
    encoder = t.start(["ffmpeg", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-c:v", "libx264",
                       "-preset", "ultrafast", "-g", "25", "-f", "flv", server.server.publish("live/3f9a7c1e5b")])
    harness.until(lambda: server.may_play_flv("live/stage"), "the stream under its public name")
    harness.check(server.may_play_rtmp("live/stage"), "RTMP does not play the public name")
    harness.until(lambda: server.hls_status("live/stage") == 200, "HLS of the public name")
    harness.check(encoder.alive(), encoder.stderr())
    for stage in server.server.stages:
        harness.check("3f9a7c1e5" not in stage.stderr(), f"{stage.name} says the key: {stage.stderr()}")


harness.main(test)
