"""A mid-tier that is stopped is left after --origin-timeout; who watches another edge than the one that stops or is cut off loses no
frame, and who watches that one stays connected and goes on when the link is back."""

import signal
import time

import network
import harness
import topology

OUTAGE = 1.5  # seconds: the players' TCP sends again by itself


def behind_an_edge(whole, players, how, undo, what, bound):
    """edge1 is away for OUTAGE."""
    since = time.time()
    how()
    time.sleep(OUTAGE)
    undo()
    for name, player in players.items():
        player.wait(75, f"frames of {name} after {what}")
    topology.judge(players["edge2"], since, f"{what}, player of edge2", 0)
    topology.judge(players["edge1"], since, f"{what} for {OUTAGE:g} s, player of edge1", bound)
    for name, player in players.items():
        harness.equal((player.lost(), player.discontinuities()), (0, 0), f"{name}: reconnections, discontinuities")


def test(t):
    with network.Network(t) as net:
        whole = topology.Topology(t, net)
        players = whole.players()
        mid, edge = whole.processes["mid"], whole.processes["edge1"]

        since = time.time()
        mid.signal(signal.SIGSTOP)
        for name, player in players.items():
            player.wait(75, f"frames of {name} after mid stopped")
            topology.judge(player, since, f"mid stopped, player of {name}", 0)
            harness.equal((player.lost(), player.discontinuities()), (0, 0), f"{name}: reconnections, discontinuities")
        mid.signal(signal.SIGCONT)

        # What the edge missed waits in its sockets, or comes from the next origin, which keeps two seconds at least.
        behind_an_edge(whole, players, lambda: edge.signal(signal.SIGSTOP), lambda: edge.signal(signal.SIGCONT), "edge1 stopped",
                       topology.GOP)
        node = whole.nodes["edge1"]
        behind_an_edge(whole, players, node.cut, node.mend, "link of edge1 cut", topology.GOP)
        whole.check_load()


harness.main(test)
