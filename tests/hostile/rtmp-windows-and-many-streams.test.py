"""Window sizes of 0, 1 and 2^32-1, and a hundred thousand createStream, with and without reading the answers."""

import struct
import threading

from scene import Scene, harness
from memory import SANITIZED
from chunks import PONG, Peer, chunk, connect, create_stream, ping, publisher, set_chunk_size

# A connection that neither publishes nor plays is closed after some seconds: all must be answered by then.
THOUSANDS = 10 if SANITIZED else 100


def windows(url):
    for size in (0, 1, 0xffffffff):
        with publisher(url) as peer:
            peer.try_send(chunk(5, struct.pack(">I", size), chunk_stream=2) + set_chunk_size(1 << 20))
            for _ in range(4):
                peer.try_send(chunk(9, b"\x27" + b"x" * 500_000, chunk_stream=6, stream=1, size=1 << 20))
            peer.try_send(ping())
            received, closed = peer.receive_until(PONG)
            harness.check(PONG in received and not closed, f"a window of {size}: no answer to a ping")
            # An acknowledgement is 16 bytes: at most one per read of the server, never one per byte.
            harness.check(len(received) < 64_000, f"a window of {size}: {len(received)} bytes of acknowledgements for 2 MB")


def create_streams(url, what):
    """All are answered, for a peer that reads."""
    with Peer(url) as peer:
        peer.handshake()
        peer.try_send(connect())
        sender = threading.Thread(target=lambda: [peer.try_send(create_stream() * 1000) for _ in range(THOUSANDS)])
        sender.start()
        results = 0
        tail = b""
        while results < THOUSANDS * 1000 + 1:
            received, closed = peer.receive_until(b"_result")
            harness.check(received and not closed, f"{THOUSANDS},000 createStream at {what}: {results} answers, then nothing more")
            data = tail + received
            results += data.count(b"_result")
            tail = data[-6:]
        sender.join()


def create_streams_unread(url, attack, what):
    """The server stops reading a peer that reads nothing, or closes it; waiting answers are limited (by the memory of the stage)."""
    with Peer(url, receive_buffer=4096) as peer:
        peer.handshake()
        peer.try_send(connect())
        for sent in peer.flood(create_stream() * 1000, attack):
            harness.check(sent < 64 << 20, f"{what} reads endless createStream from a peer that reads no answers")


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/odd"), scene.server.rtmp("live/honest")
        with scene.attack("windows of 0, 1, 2^32-1", memory_mb=24, lines=8):
            windows(ingest)
        # A line: on a slow machine the stream of the attack before ends meanwhile.
        with scene.attack(f"{THOUSANDS},000 createStream", memory_mb=4, lines=1):
            create_streams(ingest, "srs-ingest")
            create_streams(relay, "srs-relay")
        with scene.attack("createStream, answers not read", memory_mb=4, lines=1) as attack:
            create_streams_unread(ingest, attack, "srs-ingest")
        with scene.attack("createStream at the relay, answers not read", memory_mb=4, lines=1) as attack:
            create_streams_unread(relay, attack, "srs-relay")


harness.main(test)
