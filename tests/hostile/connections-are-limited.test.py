"""More connections than --max-connections: the excess ones are closed at once, counted, and logged in one line; when some end, others
are accepted. Absent streams, bad names and hang-ups of the terminal (SIGHUP) are logged once each, however many they are."""

import signal

from scene import Scene, admin, harness
import crowds

MOST = 40
CROWD = 150


def floods(scene, stage, url):
    base = scene.admin(stage)
    with scene.attack(f"{CROWD} connections to {stage.name}, of which {MOST} are allowed", memory_mb=8, lines=2):
        harness.equal(admin.value(base, "srs_connections_max"), MOST, "srs_connections_max")
        before = admin.value(base, "srs_connections_refused_total", limit="all")
        with crowds.crowd(url, CROWD) as clients:
            harness.until(lambda: sum(crowds.closed(client) for client in clients) >= CROWD - MOST, "those beyond to be closed")
            refused = admin.value(base, "srs_connections_refused_total", limit="all") - before
            harness.check(CROWD - MOST <= refused <= CROWD, f"{refused} connections were refused")
            harness.check(not all(crowds.closed(client) for client in clients), "no connection was accepted")

        def taken():
            with crowds.connect(url) as client:
                return not crowds.closed(client, 0.5)
        harness.until(taken, "somebody to be taken again")


def absent(scene):
    with scene.attack("400 players of streams that are not there", memory_mb=8, lines=2):
        url = scene.server.relay.address("http")
        for i in range(400):
            with crowds.connect(url) as client:
                harness.equal(crowds.answers(client, crowds.request(f"/live/none{i}.flv", "Connection: close")), [404], "an absent stream")
    with scene.attack("names that nobody sees as they are", memory_mb=4, lines=2):
        for hidden in "%c2%9b2J", "%e2%80%ae", "%e2%80%a8x", "%ef%bb%bf", "%d8%9c", "%e2%81%a6":
            with crowds.connect(url) as client:
                harness.equal(crowds.answers(client, crowds.request(f"/live/a{hidden}.flv", "Connection: close")), [404], hidden)
        said = "".join(stage.stderr() for stage in scene.stages)
        harness.check(not set(said) & set("\x9b\u202e\u2028\ufeff\u061c\u2066"), "a control or invisible character is in a log line")


def hang_ups(scene):
    with scene.attack("100 SIGHUPs to each stage, which have nothing to read again", memory_mb=4, lines=2):
        for _ in range(100):
            for stage in scene.stages:
                stage.signal(signal.SIGHUP)
        harness.until(lambda: all("SIGHUP" in stage.stderr() for stage in scene.stages), "each stage to log it")


def test(t):
    most = ["--max-connections", str(MOST)]
    with Scene(t, ingest=most, relay=[*most, "--wait", "0"], hls=most) as scene:
        for stage, url in ((scene.server.relay, scene.server.relay.address("http")), (scene.server.relay, scene.server.relay.address("rtmp")),
                           (scene.server.ingest, scene.server.ingest.address("rtmp")),
                           (scene.server.hls_stage, scene.server.hls_stage.address("http"))):
            floods(scene, stage, url)
        absent(scene)
        hang_ups(scene)


harness.main(test)
