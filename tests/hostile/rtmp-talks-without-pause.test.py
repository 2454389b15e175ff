"""Connections that send without pause and read all answers: the others of their thread get their turn."""

import threading

from scene import Scene, harness

from chunks import chunk, ping, player, publisher

ACKNOWLEDGEMENTS = chunk(3, bytes(4), chunk_stream=2) + b"\xc2\x00\x00\x00\x00" * 13_000
PINGS = ping() * 4000
EMPTY = chunk(8, b"", chunk_stream=4, stream=1) + b"\xc4" * 60_000


def talks(peer, attack, block, what):
    """Sends the block in a loop and reads the answers, until the honest players have their pictures."""
    ended = threading.Event()

    def read():
        while not ended.is_set():
            received, closed = peer.receive_for(0.2)
            if closed:
                return

    peer.socket.settimeout(60)
    reader = threading.Thread(target=read)
    reader.start()
    sent = 0
    try:
        while attack.goes_on(frames=100):
            sent += peer.send_some(block)
    finally:
        ended.set()
        reader.join()
    harness.check(sent > 0, f"{what}: nothing was sent")


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/evil"), scene.server.rtmp("live/honest")
        for what, block in (("pings", PINGS), ("acknowledgements", ACKNOWLEDGEMENTS)):
            with scene.attack(f"a player that sends {what} without pause", memory_mb=6, lines=1) as attack:
                with player(relay) as peer:
                    talks(peer, attack, block, what)
        for what, block in (("pings", PINGS), ("empty messages", EMPTY)):
            with scene.attack(f"a publisher that sends {what} without pause", memory_mb=6, lines=4) as attack:
                with publisher(ingest) as peer:
                    talks(peer, attack, block, what)


harness.main(test)
