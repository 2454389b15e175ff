"""Players of thousands of absent names at an edge: few are searched for at once, and no name twice within a second."""

import os
import socket
from urllib.parse import urlparse

from scene import harness
from chunks import Peer, play
from edge_scene import EdgeScene

NAMES = 2000
MOST_LOOKED_FOR = 100


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def ask_for_all(url, attack):
    """Requests each name over RTMP; returns the connections."""
    peers = []
    for number in range(NAMES):
        peer = Peer(f"{url}/live/x")
        peer.connect()
        peer.try_send(play(f"absent{number}"))
        peers.append(peer)
    return peers


def ask_http(url, path):
    at = urlparse(url)
    with socket.create_connection((at.hostname, at.port), 30) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return client.makefile("rb").readline().split()[1]


def test(t):
    with EdgeScene(t, "--max-pulls-per-address", str(MOST_LOOKED_FOR)) as scene:
        edge = scene.edge
        before = descriptors(edge)
        with scene.attack(f"{NAMES} absent names at an edge", memory_mb=64, lines=6) as attack:
            peers = ask_for_all(edge.address("rtmp"), attack)
            harness.check(descriptors(edge) <= before + NAMES + MOST_LOOKED_FOR + 50,
                          f"{descriptors(edge)} descriptors for {NAMES} players")
            for peer in peers:
                peer.close()
        # Left are connections to the origin that are kept alive, 64 at most.
        harness.until(lambda: descriptors(edge) < before + 100, "the connections of the players to be closed")

        # Without a wait, an answer at once: the origin is asked at most once a second.
        with scene.attack("one absent name 500 times", memory_mb=4, lines=3):
            for _ in range(500):
                harness.equal(ask_http(edge.address("http"), "/live/nobody.flv?wait=0"), b"404", "status of an absent stream")


harness.main(test)
