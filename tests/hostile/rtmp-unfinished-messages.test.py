"""Messages that never end: little is kept for peers that do not publish, a share for publishers."""

import contextlib

from scene import Scene, harness

from chunks import Peer, connect, player, publisher, set_chunk_size

NUMBER = 20
LENGTH = 16_000_000
PART = 3_000_000  # of each message is sent


def parts():
    size = set_chunk_size(PART)
    return size + b"".join(bytes([stream]) + bytes(3) + LENGTH.to_bytes(3, "big") + b"\x09\x01\x00\x00\x00" + b"x" * PART
                           for stream in (6, 7))


def stalled(make, data):
    """Connections, each with the number of bytes it could send."""
    with contextlib.ExitStack() as open_ones:
        peers = [open_ones.enter_context(make()) for _ in range(NUMBER)]
        taken = sum(peer.try_send(data) for peer in peers)
        answers = [peer.receive_for(0.2)[1] for peer in peers]
        return taken, sum(answers)


def fresh(url):
    peer = Peer(url)
    peer.handshake()
    peer.try_send(connect())
    return peer


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/evil"), scene.server.rtmp("live/honest")
        data = parts()
        with scene.attack("20 connections that hold messages before they publish", memory_mb=6, lines=2):
            _, closed = stalled(lambda: fresh(ingest), data)
            harness.check(closed == NUMBER, f"only {closed} of {NUMBER} were closed")
        with scene.attack("20 players that hold messages", memory_mb=6, lines=2):
            stalled(lambda: player(relay), data)
        with scene.attack("20 publishers that hold messages", memory_mb=180, lines=80):
            names = iter(range(NUMBER))
            stalled(lambda: publisher(f"{ingest}{next(names)}"), data)


harness.main(test)
