"""/healthz and /readyz are 200 while all is well; a relay that drains for a player is not ready, says why, and is healthy; unknown paths list the endpoints."""

import signal

import admin
import edge
import harness
import media


def test(t):
    origin = edge.Origin(t, *admin.OPTION)
    base = admin.address(origin.relay)
    player, recording = edge.record(t, origin.http + "/live/cam.flv", "player.flv")
    edge.wait_media(recording, 10, "a player to play")
    for path in ("/healthz", "/readyz"):
        harness.equal(admin.ask(base + path)[0], 200, path)
    status, fields, text = admin.ask(base + "/nothing/here")
    harness.equal(status, 404, "an unknown path")
    for endpoint in ("/metrics", "/api/streams", "/api/clients", "/healthz", "/readyz"):
        harness.check(endpoint in text, f"{endpoint} is not in {text!r}")
    harness.check(fields["Access-Control-Allow-Origin"] is None, "web pages of other sites may read it")
    harness.check("safer" not in origin.relay.stderr(), "a warning about a loopback address")

    origin.relay.signal(signal.SIGTERM)
    origin.relay.wait_line("SIGTERM: waits")
    status, _, text = admin.ask(base + "/readyz")
    harness.equal((status, text), (503, "draining\n"), "/readyz of a relay that drains")
    harness.equal(admin.ask(base + "/healthz")[0], 200, "/healthz of a relay that drains")
    harness.equal(admin.value(base, "srs_players", stream="live/cam"), 1, "players of a relay that drains")
    player.signal(signal.SIGTERM)
    harness.equal(origin.relay.wait(10), 0, "exit status")

    # Without its next stage a relay closes its listeners, and ends once its players have left.
    _, relay, reader = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
        ["srs-relay", "--stream", "live/cam", "--pass", "--listen", "http://127.0.0.1:0", *admin.OPTION],
        ["cat"])
    base = admin.address(relay)
    player, recording = edge.record(t, relay.address("http") + "/live/cam.flv", "left.flv")
    edge.wait_media(recording, 10, "a player to play")
    reader.end()
    harness.until(lambda: admin.ask(base + "/readyz")[0] == 503, "the relay not to be ready")
    harness.check("next stage" in admin.ask(base + "/readyz")[2], "why it is not ready")
    edge.wait_media(recording, 10, "the player to play on")
    player.signal(signal.SIGTERM)
    harness.equal(relay.wait(10), 1, "exit status without the next stage")

    for tool in (["srs-ingest", "--listen", "rtmp://127.0.0.1:0"], ["srs-hls", t.path("www")]):
        silent = t.pipeline(["sleep", "60"], [*tool, "--admin", "http://0.0.0.0:0"])[1]
        base = admin.address(silent)
        for path in ("/healthz", "/readyz"):
            harness.equal(admin.ask(base + path)[0], 200, f"{path} of {tool[0]}")
        silent.wait_line(r"--admin .* get /healthz and /readyz only")
        harness.equal(silent.stop(), 0, "exit status")

    for url in ("rtmp://127.0.0.1:0", "http://127.0.0.1:0/x", "nonsense"):
        for tool in (["srs-ingest", "test:"], ["srs-relay", "--listen", "rtmp://127.0.0.1:0"], ["srs-hls", t.path("www")]):
            harness.equal(t.run([*tool, "--admin", url]).returncode, 2, f"exit status of {tool[0]} --admin {url}")


harness.main(test)
