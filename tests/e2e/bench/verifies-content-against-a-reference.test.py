"""What players of a relay get is the published file message by message, over its end and again; another file is not."""

import json

import harness
import media

PLAYERS = 8


def play(t, url, reference):
    """The exit status and the report of players that join in the middle and stay over the file's end."""
    done = t.run(["srs-bench", "--json", "play", "-n", str(PLAYERS), "--verify", "all", "--for", "11s", "--reference", reference, url], 60)
    return done.returncode, json.loads(done.stdout())


def test(t):
    published = media.fixture("h264_aac.flv")
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    rtmp, http = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
    t.start(["srs-bench", "publish", "--for", "0", "--input", published, rtmp])
    harness.until(lambda: t.run(["srs-bench", "play", "--for", "1s", rtmp]).returncode == 0, "the stream")
    for url in (rtmp, http):
        status, report = play(t, url, published)
        verified = report["verified"]
        harness.equal(verified["mismatched"], 0, f"messages of {url} that are not the file's")
        harness.equal((verified["out_of_order"], verified["timestamp_gaps"]), (0, 0), f"messages out of order and gaps of {url}")
        harness.equal(verified["players"], PLAYERS, f"verified players of {url}")
        harness.check(verified["messages"] > 500 * PLAYERS, f"{url}: {verified['messages']} messages only")
        harness.equal(status, 0, f"status of players of {url}")
    for other in ("busy.flv", "audio_only.flv"):
        status, report = play(t, http, media.fixture(other))
        harness.check(report["verified"]["mismatched"] > 100 * PLAYERS, f"{other} as the reference: {report['verified']}")
        harness.equal(report["clients"]["running"], PLAYERS, f"players that go on in spite of mismatches with {other}")
        harness.equal(status, 1, f"status of players compared with {other}")
    wrong = t.run(["srs-bench", "play", "--reference", t.path("none.flv"), http])
    harness.equal(wrong.returncode, 1, "status without the reference's file")
    harness.check("none.flv" in wrong.stderr(), wrong.stderr())


harness.main(test)
