"""An origin that stops answering is left after --origin-timeout, and nothing is missing; one that refuses or has no such stream at once."""

import signal

import edge
import harness


def stalls(t, scheme):
    first, second = edge.Origin(t), edge.Origin(t)
    addresses = [getattr(origin, scheme) for origin in (first, second)]
    relay = edge.start_edge(t, "--origin-timeout", "1s", "--origin", addresses[0], "--origin", addresses[1])
    player, path = edge.record(t, relay.address("http") + "/live/cam.flv?annotations=1", f"stall-{scheme}.flv")
    edge.wait_media(path, 60, "media through the edge")
    port = relay.wait_line(r"comes from origin \S+:(\d+)").group(1)
    used, other = (first, second) if addresses[0].endswith(port) else (second, first)

    used.relay.signal(signal.SIGSTOP)
    edge.wait_media(path, 100, "media of the other origin")
    harness.check(player.alive(), "the player was thrown out")
    harness.equal([s for s in edge.video_steps(path) if s[1] <= 0], [], "frames that were repeated")
    # The other origin keeps two seconds at least, and begins where the first one fell silent.
    gap = max(step for _, step in edge.video_steps(path))
    harness.check(gap <= 42, f"{gap - 40} ms of the picture are missing")
    harness.equal(edge.discontinuities(path), 0, "discontinuities")
    relay.wait_line(r"is unwell")
    used.relay.signal(signal.SIGCONT)
    relay.wait_line(r"is well again")
    player.end()
    other.kill()
    used.kill()


def missing(t):
    dead = f"rtmp://127.0.0.1:{harness.free_port()}"
    empty = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0"])
    origin = edge.Origin(t)
    relay = edge.start_edge(t, "--origin", dead, "--origin", empty.address("rtmp"), "--origin", origin.http)
    player, path = edge.record(t, relay.address("http") + "/live/cam.flv", "missing.flv")
    edge.wait_media(path, 50, "media of the only origin that has the stream")
    player.end()
    # What nobody has is not there: at once for who does not want to wait.
    answer = t.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", relay.address("http") + "/live/nothing.flv?wait=0"], seconds=20)
    harness.equal(answer.stdout(), "404", "status of a stream that no origin has")


def test(t):
    stalls(t, "rtmp")
    stalls(t, "http")
    missing(t)


harness.main(test)
