"""kill -9 of an origin, of the mid-tier and of an edge under load: players behind them go on, the others lose no frame."""

import signal
import time

import network
import harness
import topology


def test(t):
    with network.Network(t) as net:
        whole = topology.Topology(t, net)
        players = whole.players()

        for victim in (whole.origin_of("mid"), "mid"):
            since = time.time()
            whole.processes[victim].signal(signal.SIGKILL)
            for name, player in players.items():
                player.wait(75, f"frames of {name} after the death of {victim}")
                topology.judge(player, since, f"{victim} killed, player of {name}", topology.GOP)
                harness.equal((player.lost(), player.discontinuities()), (0, 0), f"{name}: reconnections, discontinuities")

        since = time.time()
        whole.processes["edge1"].signal(signal.SIGKILL)
        for name, player in players.items():
            player.wait(75, f"frames of {name} after the death of edge1")
        topology.judge(players["edge2"], since, "edge1 killed, player of edge2", 0)
        harness.equal(players["edge2"].lost(), 0, "reconnections of the player of edge2")
        harness.equal(players["edge1"].lost(), 1, "reconnections of the player of edge1")
        print(f"edge1 killed, its player: {topology.silence(players['edge1'], since)} ms without a frame, 1 reconnection", flush=True)
        whole.check_load(hit=["edge1"])


harness.main(test)
