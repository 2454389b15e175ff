"""srs-bench plays HLS and Low-Latency HLS from srs-hls: every segment or part, with the publisher's clock in it."""

import json

import harness
import media

PLAYERS = 12


def served(t, *hls_options):
    """A stream of srs-bench publish behind srs-relay and srs-hls; the process that serves it, and its URL."""
    relay, hls = t.pipeline(
        ["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--pass"],
        ["srs-hls", "--listen", "http://127.0.0.1:0", "--target", "1s", *hls_options])
    t.start(["srs-bench", "publish", "--for", "0", "--input", media.fixture("h264_aac.flv"),
             f"{relay.address('rtmp')}/live/cam"])
    url = hls.address("http") + "/live/cam.m3u8"
    def plays():
        probe = t.run(["srs-bench", "-q", "play", "--for", "100ms", url])
        return probe.returncode == 0
    harness.until(plays, "the stream to be played")
    return hls, url


def play(t, hls, url, *options):
    done = t.run(["srs-bench", "--json", "play", "-n", str(PLAYERS), "--verify", "4", "--for", "5s",
                  "--pid", str(hls.pid), *options, url])
    harness.check(done.stdout().startswith("{"), f"no report: {done.stderr()}")
    report = json.loads(done.stdout())
    harness.equal(done.returncode, 0, f"status, with {report}")
    figures = report["hls"]
    harness.equal(report["clients"]["running"], PLAYERS, "players at the end")
    harness.equal([figures["players"], figures["missed"], figures["lower_numbers"], figures["errors"]],
                  [PLAYERS, 0, 0, {}], "players, media missed, playlists with lower numbers, errors")
    for name in ("startup_ms", "playing_ms"):
        harness.equal(figures[name]["count"], PLAYERS, name)
    for name in ("delivery_ms", "spread_ms"):
        harness.check(figures[name] and figures[name]["count"] >= PLAYERS, f"{name} is {figures[name]}")
    harness.check(report["latency_ms"]["count"] > 100, f"latency: {report['latency_ms']}")
    harness.equal(report["verified"]["players"], 4, "verified players")
    harness.check(report["server"]["cpu_seconds_per_gb"] > 0, "what the server takes")
    return report


def test(t):
    for options in (["--format", "ts"], ["--format", "fmp4"]):
        hls, url = served(t, *options)
        figures = play(t, hls, url)["hls"]
        harness.equal(figures["parts"], 0, f"parts of {options}")
        # One is there, and more come in 5 s.
        harness.check(figures["segments"] >= 3 * PLAYERS, f"{options}: only {figures['segments']} segments")
        harness.equal(figures["blocked_playlist_ms"], None, "playlists that were held back")
        hls.stop()

    hls, url = served(t, "--low-latency", "--part", "200ms")
    report = play(t, hls, url)
    figures = report["hls"]
    harness.equal(figures["low_latency_players"], PLAYERS, "players of Low-Latency HLS")
    # 5 parts a second; a machine that does other things may be late with some.
    harness.check(figures["parts"] >= 10 * PLAYERS, f"only {figures['parts']} parts")
    harness.check(figures["blocked_playlist_ms"]["count"] >= 10 * PLAYERS, "playlists were not held back")
    plain = play(t, hls, url, "--ll", "off")["hls"]
    harness.equal([plain["low_latency_players"], plain["parts"]], [0, 0], "with --ll off")
    harness.check(plain["segments"] >= 3 * PLAYERS, f"only {plain['segments']} segments")
    table = t.run(["srs-bench", "play", "--for", "1s", url]).succeeds().stdout()
    for row in ("hls", "start-up", "playing after", "delivery", "spread", "stood still", "errors", "continuity"):
        harness.check(f"\n{row} " in table, f"no row '{row}' in\n{table}")


harness.main(test)
