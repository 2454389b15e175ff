"""Chunks that break the rules, or stretch them: invalid ones close the connection, odd ones are accepted."""

from scene import Scene, harness
from memory import SANITIZED
from chunks import Peer, PONG, chunk, connect, ping, publisher, set_chunk_size


def closes(url, data, what):
    """The server closes a peer that sends this after a handshake."""
    with Peer(url) as peer:
        peer.handshake()
        peer.try_send(data)
        harness.check(peer.is_closed(), f"{what}: the connection is still open")


def still_answers(url, data, what):
    with Peer(url) as peer:
        peer.handshake()
        peer.try_send(data)
        harness.check(peer.alive(), f"{what}: no answer to a ping")


def length_changed(url):
    """A message of 300 bytes, of which 128 were sent, continues with a header of length 10."""
    with publisher(url) as peer:
        begun = chunk(9, b"\x27" + b"x" * 299, chunk_stream=6, stream=1)[:12 + 128]
        shorter = bytes([0x46]) + bytes(3) + (10).to_bytes(3, "big") + b"\x09" + b"y" * 10
        peer.try_send(begun + shorter)
        peer.try_send(ping())
        received, closed = peer.receive_until(PONG)
        harness.check(closed or PONG in received, "length changed mid-message: neither closed nor answered")


def smaller_length(url):
    """A fmt 1 header with a smaller length than before, for the next message: it is valid."""
    with publisher(url) as peer:
        peer.try_send(chunk(9, b"\x27" + b"x" * 299, chunk_stream=6, stream=1))
        peer.try_send(bytes([0x46]) + bytes(3) + (10).to_bytes(3, "big") + b"\x09" + b"\x27" + b"y" * 9)
        peer.try_send(bytes([0xc6]) + b"\x27" + b"z" * 9)
        # And a full header in the middle of a message, which is dropped.
        peer.try_send(chunk(9, b"\x27" + b"x" * 299, chunk_stream=6, stream=1)[:12 + 128] + chunk(9, b"\x27" + b"w" * 400, chunk_stream=6, stream=1))
        harness.check(peer.alive(), "fmt 1 with a smaller length: no answer to a ping")


def chunk_sizes(url):
    for size in (0, 0x80000000, 0xffffffff):
        closes(url, set_chunk_size(size), f"Set Chunk Size {size}")
    for size in (1, 0x7fffffff):
        with Peer(url) as peer:
            peer.handshake()
            peer.try_send(set_chunk_size(size) + connect(size=size))
            received, closed = peer.receive_until(b"_result")
            harness.check(b"_result" in received and not closed, f"Set Chunk Size {size}: connect was not answered")


def many_chunk_streams(url):
    begun = b"".join(b"\x01" + (i - 64).to_bytes(2, "little") + b"\x00\x00\x00\x00\x00\xff\x09\x01\x00\x00\x00" + b"x" * 128
                     for i in range(64, 65600))
    closes(url, begun, "65,536 chunk streams")


def empty_messages(url):
    with publisher(url) as peer:
        peer.try_send(chunk(9, b"", chunk_stream=6, stream=1))
        # A publisher that brings nothing for 30 s is lost: a million must not take that long.
        for _ in range(1 if SANITIZED else 10):
            harness.check(peer.try_send(b"\xc6" * 100_000), "empty messages: closed")
        harness.check(peer.alive(), "a million empty messages: no answer to a ping")


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/odd"), scene.server.rtmp("live/honest")
        with scene.attack("chunk length changed in mid-message", memory_mb=2, lines=3):
            length_changed(ingest)
        with scene.attack("fmt 1 with a smaller length", memory_mb=2, lines=3):
            smaller_length(scene.server.publish("live/smaller"))
        with scene.attack("Set Chunk Size 0, 1, 2^31-1, 2^31, 2^32-1", memory_mb=2, lines=6):
            chunk_sizes(ingest)
            chunk_sizes(relay)
        with scene.attack("65,536 chunk streams", memory_mb=2, lines=1):
            many_chunk_streams(ingest)
            many_chunk_streams(relay)
        with scene.attack("a million empty messages", memory_mb=4, lines=4):
            empty_messages(ingest)


harness.main(test)
