"""An edge without any --origin finds each stream where it is announced: one that ends is withdrawn, one that is killed expires."""

import subprocess

import edge
import harness
from redis_server import RedisServer


def origin(t, redis, path, node, *options):
    port = harness.free_port()
    return edge.Origin(t, "-v", "--registry", redis.url, "--registry-ttl", "2s", "--node", node,
                       "--advertise", f"rtmp://127.0.0.1:{port}", *options, path=path, port=port)


def status(url):
    done = subprocess.run(["curl", "--silent", "--output", "/dev/null", "--max-time", "20", "--write-out", "%{http_code}", url],
                          capture_output=True, text=True, check=False)
    return done.stdout


def test(t):
    redis = RedisServer(t)
    a = origin(t, redis, "live/a", "node-a")
    b = origin(t, redis, "live/b", "node-b")
    relay = edge.start_edge(t, "--registry", redis.url, "--registry-ttl", "2s", "--wait", "1s", "--linger", "500ms",
                            "--admin", "http://127.0.0.1:0")
    players = {name: edge.record(t, f"{relay.address('http')}/live/{name}.flv", f"{name}.flv") for name in "ab"}
    for name, (_, path) in players.items():
        edge.wait_media(path, 20, f"media of live/{name}")
    for node, held in ((a, "a"), (b, "b")):
        said = node.relay.stderr()
        harness.equal(said.count("plays over RTMP"), 1, f"pulls at the origin of live/{held}")
    harness.equal(redis.holders("live/a"), ["srs:holder:node-a:live/a"], "holders of live/a: not the edge")
    harness.equal(status(relay.address("http") + "/live/nobody.flv"), "404", "status of a stream that nobody announces")

    metrics = t.run(["curl", "-s", relay.address("http", 1) + "/metrics"]).stdout()
    name = a.rtmp
    for line in ("srs_registry_connected 1", "srs_registry_announced_streams 0", f'srs_origin_healthy{{origin="{name}"}} 1',
                 f'srs_origin_pulls{{origin="{name}"}} 1'):
        harness.check(line + "\n" in metrics, f"not in the metrics: {line}\n{metrics}")

    # It outlives its TTL while it is held, and goes at once when its relay ends.
    edge.wait_media(players["a"][1], 75, "three seconds more")
    harness.check(int(redis.ask("PTTL", "srs:holder:node-a:live/a")) > 0, "not renewed")
    for process, _ in players.values():
        process.end()
    a.relay.stop()
    harness.equal(redis.holders("live/a"), [], "holders of live/a once its relay has ended")

    harness.equal(redis.holders("live/b"), ["srs:holder:node-b:live/b"], "holders of live/b")
    b.kill()
    harness.until(lambda: redis.holders("live/b") == [], "the announcement of the killed one to expire")
    harness.until(lambda: status(relay.address("http") + "/live/b.flv") == "404", "live/b to be gone")


harness.main(test)
