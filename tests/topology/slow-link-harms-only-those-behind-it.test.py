"""A link that is slower than the stream: who is behind it skips to key frames and stays; the others lose no frame."""

import time

import network
import harness
import topology


def test(t):
    with network.Network(t) as net:
        whole = topology.Topology(t, net)
        far = net.node("far")
        near = topology.Player(whole.nodes["players"], [whole.nodes["edge1"]])
        slow = topology.Player(far, [whole.nodes["edge1"]])
        near.wait(25, "frames of the near player")
        slow.wait(25, "frames of the far player")
        since = time.time()
        far.limit(400_000)  # half of the stream's bit rate
        whole.processes["edge1"].wait_line(r"skipped to a newer key frame")
        topology.judge(near, since, "slow link, near player", 0)
        harness.equal((near.lost(), slow.lost()), (0, 0), "players that were thrown out")
        before = len(slow.frames())
        harness.until(lambda: len(slow.frames()) > before + 25, "the far player to go on")
        steps = [b[1] - a[1] for a, b in zip(slow.frames(), slow.frames()[1:])]
        harness.check(min(steps) > 0, "timestamps of the far player went back")


harness.main(test)
