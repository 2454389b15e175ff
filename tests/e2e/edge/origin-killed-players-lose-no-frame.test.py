"""An origin that is killed is left for the next: players stay, no frame is missing or repeated, no discontinuity."""

import edge
import flv
import harness


def failover(t, scheme, name):
    first, second = edge.Origin(t), edge.Origin(t)
    addresses = [getattr(origin, scheme) for origin in (first, second)]
    relay = edge.start_edge(t, "--origin", addresses[0], "--origin", addresses[1])
    player, path = edge.record(t, relay.address("http") + "/live/cam.flv?annotations=1", name)
    edge.wait_media(path, 100, "media through the edge")
    asked = relay.wait_line(r"comes from origin \S+:(\d+)").group(1)
    used, other = (first, second) if first.rtmp.endswith(asked) or first.http.endswith(asked) else (second, first)

    used.kill()
    edge.wait_media(path, 100, "media of the other origin")
    harness.check(player.alive(), "the player was thrown out")
    steps = edge.video_steps(path)
    gaps = [(time, step) for time, step in steps if not 38 <= step <= 42]
    harness.equal(gaps, [], "irregular steps of the picture")
    harness.equal(edge.discontinuities(path), 0, "discontinuities")
    flv.check_monotonic(flv.tags_of_file(path), "the player")
    other.kill()
    player.end()
    relay.end()


def test(t):
    failover(t, "rtmp", "rtmp.flv")
    failover(t, "http", "http.flv")


harness.main(test)
