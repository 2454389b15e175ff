"""Players of srs-bench count what a relay sends them, over RTMP and HTTP-FLV, and publishers bring it in."""

import json

import harness
import media

PLAYERS = 20


def bench(t, *arguments):
    done = t.run(["srs-bench", "--json", *arguments])
    return json.loads(done.stdout())


def test(t):
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    rtmp, http = relay.address("rtmp"), relay.address("http")
    publishers = t.start(["srs-bench", "--json", "publish", "-n", "2", "--for", "0", "--input", media.fixture("h264_aac.flv"), rtmp + "/live/p{n}"])
    for url in (rtmp + "/live/p{n}", http + "/live/p{n}.flv"):
        alone = url.replace("{n}", "1")
        for report in (bench(t, "play", "-n", "2", "--threads", "3", "--for", "2s", url), bench(t, "play", "-n", str(PLAYERS), "--for", "2s", alone)):
            clients = report["clients"]
            harness.equal(clients["running"], clients["requested"], f"players of {url} at the end")
            harness.check(report["rate_bps"]["min"] > 0, f"a player got nothing: {report}")
            harness.check(report["frames"]["video"] > 10 * clients["requested"], f"few frames: {report['frames']}")
            harness.equal(report["first_key_frame_ms"]["count"], clients["requested"], "players that saw a key frame")
    publishers.signal(2)
    publishers.succeeds()
    report = json.loads(publishers.stdout())
    harness.equal(report["reconnects"], 0, "reconnects of publishers")
    harness.equal(report["clients"]["running"], 2, "publishers at the end")


harness.main(test)
