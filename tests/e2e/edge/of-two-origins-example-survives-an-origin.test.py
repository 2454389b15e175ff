"""examples/edge-of-two-origins: players of its edge miss no frame when the origin that it fetches from is killed; it stops cleanly on
Ctrl-C and by --for."""

import os
import re
import signal

import edge
import harness

_EXAMPLE = os.path.join(harness.SOURCE, "examples", "edge-of-two-origins")


def start(t, *options):
    ports = {name: harness.free_port() for name in ("PUBLISH", "ORIGIN1", "ORIGIN2", "RTMP", "HTTP")}
    env = {f"SRS_{name}_PORT": str(port) for name, port in ports.items()}
    example = t.start([_EXAMPLE, *options], env={**env, "SRS_BIN": harness.BIN})
    harness.until(lambda: "Ctrl-C" in example.stdout() or not example.alive(), "the URLs")
    harness.check(example.alive(), f"it ended: {example.stderr()}")
    return example, ports


def stops(example, ports, what):
    harness.equal(example.wait(40), 0, f"exit status {what}")
    harness.check(not any(harness.accepts(port) for port in ports.values()), f"something still listens {what}")


def test(t):
    example, ports = start(t)
    player, path = edge.record(t, f"http://127.0.0.1:{ports['HTTP']}/live/test.flv", "played.flv")
    edge.wait_media(path, 60, "the stream at the edge")

    origin = int(example.wait_line(r"comes from origin rtmp://127.0.0.1:(\d+)")[1])
    number = 1 if origin == ports["ORIGIN1"] else 2
    pid = int(re.search(rf"kill -9 (\d+) +\(origin {number}\)", example.stdout())[1])
    os.kill(pid, signal.SIGKILL)
    edge.wait_media(path, 150, "the stream after an origin was killed")
    harness.check(player.alive(), "the player was disconnected")
    uneven = [step for step in edge.video_steps(path) if not 33 <= step[1] <= 34]
    harness.equal(uneven, [], "steps between pictures at 30 frames a second")

    example.signal(signal.SIGINT)
    stops(example, ports, "after Ctrl-C")
    stops(*start(t, "--for", "2s"), "of --for 2s")


harness.main(test)
