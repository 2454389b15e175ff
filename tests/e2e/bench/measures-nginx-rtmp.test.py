"""srs-bench publishes to nginx-rtmp, a foreign server, and its players verify what that sends, and hear the end."""

import json
import signal

import harness
import media
import nginx

PLAYERS = 10


def test(t):
    if not nginx.program():
        print("nginx or its RTMP module is not installed: skipped")
        return
    server = nginx.start(t)
    published = media.fixture("h264_aac.flv")
    url = server.rtmp + "/x"
    sound = server.rtmp + "/sound"
    publish = ["srs-bench", "publish", "--for", "0", "--input"]
    t.start([*publish, published, url])
    quiet = t.start([*publish, media.fixture("audio_only.flv"), sound])
    for stream in (url, sound):
        harness.until(lambda: t.run(["srs-bench", "play", "--for", "1s", stream]).returncode == 0, "the stream")

    # These begin to count without a key frame, since there is no picture.
    counting = t.start(["srs-bench", "--json", "play", "-n", str(PLAYERS), "--verify", "0", "--for", "0", sound])
    done = t.run(["srs-bench", "--json", "play", "-n", str(PLAYERS), "--verify", "4", "--for", "12s", "--reference", published,
                  "--pid", str(server.pid), url], 60)
    report = json.loads(done.stdout())
    harness.equal(done.returncode, 0, f"status of the verified players: {report['failures']} {report['verified']}")
    verified = report["verified"]
    harness.equal((verified["players"], verified["mismatched"], verified["out_of_order"]), (4, 0, 0), "what they saw")
    harness.check(verified["messages"] > 500 * 4, f"{verified['messages']} messages only")
    harness.check(report["latency_ms"]["count"] > 200 * 4, f"latency: {report['latency_ms']}")
    harness.check(report["server"]["cpu_seconds"] > 0 and report["server"]["threads"] >= 2, f"master and worker: {report['server']}")

    quiet.signal(signal.SIGTERM)
    report = json.loads(counting.stdout()) if counting.wait(20) == 0 else None
    harness.check(report, f"counting players did not play to the end: {counting.stdout()}")
    harness.equal(report["clients"]["ended"], PLAYERS, f"players that heard the end: {report['failures']}")
    harness.equal(report["stalls"], 0, "stalls")


harness.main(test)
