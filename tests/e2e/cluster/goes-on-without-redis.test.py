"""Redis dies: players stay, known streams and listed origins are found; Redis is back and empty: all is announced again."""

import edge
import harness
from redis_server import RedisServer


def test(t):
    redis = RedisServer(t)
    listed = edge.Origin(t, path="live/listed")
    port = harness.free_port()
    ours = edge.Origin(t, "-v", "--registry", redis.url, "--registry-ttl", "3s", "--node", "ours",
                       "--advertise", f"rtmp://127.0.0.1:{port}", path="live/a", port=port)
    relay = edge.start_edge(t, "-v", "--registry", redis.url, "--registry-ttl", "3s", "--linger", "500ms",
                            "--origin", listed.rtmp)
    url = relay.address("http") + "/live/a.flv"
    first, recorded = edge.record(t, url, "first.flv")
    edge.wait_media(recorded, 20, "media")

    redis.kill()
    relay.wait_line(r"registry redis://\S+: .* until it is back")
    edge.wait_media(recorded, 100, "four more seconds without Redis")
    harness.check(first.alive(), "the player was cut off")

    # The edge lets go of the stream and has to find it again: from what it knows.
    first.end()
    relay.wait_line(r"live/a: no players for")
    again, recorded = edge.record(t, url, "again.flv")
    edge.wait_media(recorded, 20, "media of a stream that was looked up before")
    other, path = edge.record(t, relay.address("http") + "/live/listed.flv", "listed.flv")
    edge.wait_media(path, 20, "media of a listed origin")
    harness.equal(relay.stderr().count("until it is back"), 1, "lines about Redis being away")

    redis.start()
    harness.until(lambda: redis.holders("live/a") == ["srs:holder:ours:live/a"], "live/a to be announced again", 10)
    relay.wait_line(r"registry redis://\S+: is back")
    for process in (again, other):
        harness.check(process.alive(), "a player was cut off")
        process.end()
    relay.wait_line(r"(?s)live/a: no players for.*live/a: no players for")
    harness.equal(relay.stop(), 0, "exit status of the edge")


harness.main(test)
