"""Latency from the clock in the pictures, and CPU and memory of server and bench, are in the report."""

import json
import os

import harness
import media

PLAYERS = 10


def report_of(t, *arguments):
    done = t.run(["srs-bench", "--json", *arguments])
    harness.equal(done.returncode, 0, f"status of {arguments}:\n{done.stderr()}")
    return json.loads(done.stdout())


def test(t):
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    rtmp, http = relay.address("rtmp"), relay.address("http")
    source = ["--for", "0", "--input", media.fixture("h264_aac.flv")]
    for name, options in (("clock", []), ("plain", ["--no-clock"])):
        t.start(["srs-bench", "publish", *source, *options, f"{rtmp}/live/{name}"])
        harness.until(lambda: t.run(["srs-bench", "play", "--for", "1s", f"{rtmp}/live/{name}"]).returncode == 0, f"the stream {name}")
    for url in (f"{rtmp}/live/clock", f"{http}/live/clock.flv"):
        report = report_of(t, "play", "-n", str(PLAYERS), "--verify", "4", "--for", "3s", "--pid", str(relay.pid), url)
        latency = report["latency_ms"]
        harness.check(latency["count"] > 100, f"latency of {url}: {latency}")
        harness.check(0 < latency["p50"] <= latency["p99"] <= latency["max"], f"latency of {url}: {latency}")
        harness.equal(report["verified"]["players"], 4, "verified players")
        for side in ("client", "server"):
            harness.check(report[side]["cpu_seconds"] > 0 and report[side]["cpu_seconds_per_gb"] > 0, f"{side}: {report[side]}")
        server = report["server"]
        harness.check(server["rss_bytes"] >= server["private_bytes"] > 0, f"memory of the server: {server}")
        harness.check(server["threads"] >= 1 and "rss_bytes_per_player" in server and "private_bytes_per_player" in server, f"{server}")
        table = t.run(["srs-bench", "play", "--for", "1s", "--pid", str(relay.pid), url]).stdout()
        for row in ("latency", "verified", "srs-bench itself", "server", "server memory"):
            harness.check(f"\n{row} " in table, f"no row '{row}' in\n{table}")
    without = report_of(t, "play", "--for", "1s", f"{http}/live/plain.flv")
    harness.equal(without["latency_ms"], None, "latency of a stream without a clock")
    harness.equal(without["server"], None, "the server's costs without --pid")
    with_children = report_of(t, "play", "--for", "1s", "--pid", str(os.getpid()), f"{http}/live/plain.flv")
    harness.check(with_children["server"]["threads"] > server["threads"], "the children of --pid are not counted")
    nobody = t.run(["srs-bench", "play", "--pid", "2147483647", f"{http}/live/plain.flv"])
    harness.equal(nobody.returncode, 1, "status with --pid of nobody")
    harness.equal(nobody.stderr(), "srs-bench: error: --pid: there is no process 2147483647\n", "what it says")


harness.main(test)
