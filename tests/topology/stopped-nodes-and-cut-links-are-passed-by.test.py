"""An origin and the mid-tier that are stopped, then cut off: left after --origin-timeout, nothing is missing, players stay, and they may come back."""

import signal
import time

import network
import harness
import topology


def fail(whole, players, victim, how, undo, what):
    since = time.time()
    how()
    for name, player in players.items():
        player.wait(90, f"frames of {name} after {what}")
        topology.judge(player, since, f"{what}, player of {name}", 0)
        harness.equal((player.lost(), player.discontinuities()), (0, 0), f"{name}: reconnections, discontinuities")
    undo()


def test(t):
    with network.Network(t) as net:
        whole = topology.Topology(t, net)
        players = whole.players()
        origin = whole.origin_of("mid")
        process = whole.processes[origin]
        fail(whole, players, origin, lambda: process.signal(signal.SIGSTOP), lambda: process.signal(signal.SIGCONT), f"{origin} stopped")
        second = whole.origin_of("mid")
        harness.check(second != origin, f"the mid-tier is still at {origin}")
        whole.processes["mid"].wait_line(r"is well again")
        node = whole.nodes[second]
        fail(whole, players, second, node.cut, node.mend, f"link of {second} cut")
        mid = whole.nodes["mid"]
        fail(whole, players, "mid", mid.cut, mid.mend, "link of mid cut")
        whole.check_load()


harness.main(test)
