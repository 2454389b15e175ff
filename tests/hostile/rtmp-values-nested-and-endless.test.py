"""AMF that nests 64, 65 and 70,000 deep, and arrays and texts that claim 2^32-1: in connect, in metadata, in AMF3."""

import struct

from scene import Scene, harness

import flv
from chunks import END, Peer, Raw, chunk, command, publisher, set_chunk_size

ENDLESS = b"\xff\xff\xff\xff"
SIZE = 1 << 20  # of chunks


def nested(depth):
    return b"\x03" + (b"\x00\x01a\x03") * (depth - 1) + END * depth


def nested3(depth):
    """Arrays of one item in each other, in AMF3."""
    return b"\x11" + b"\x09\x03\x01" * depth + b"\x01"


CLAIMS = {
    "a strict array of 2^32-1": b"\x0a" + ENDLESS,
    "a strict array of 2^32-1 with 50,000 items": b"\x0a" + ENDLESS + b"\x05" * 50_000,
    "a long string of 2^32-1": b"\x0c" + ENDLESS + b"x" * 1000,
    "an ECMA array of 2^32-1": b"\x08" + ENDLESS + b"\x00\x01a\x05" + END,
    "XML of 2^32-1": b"\x0f" + ENDLESS + b"<a>",
    "an AMF3 array of 2^28": b"\x11\x09" + ENDLESS + b"\x01" * 100,
    "an AMF3 object of 2^24 members": b"\x11\x0a" + ENDLESS,
    "an AMF3 string of 2^28": b"\x11\x06" + ENDLESS + b"x" * 100,
    "AMF3 references to nothing": b"\x11\x09\x07\x01" + b"\x06\x7e" * 3,
}
DEEP = {f"objects {depth} deep": nested(depth) for depth in (64, 65, 20_000)}
DEEP |= {f"AMF3 arrays {depth} deep": nested3(depth) for depth in (64, 65, 20_000)}


def connects_with(url, values):
    """After a valid connect object, so that the command has an effect; the server answers or closes, at once."""
    for what, value in values.items():
        with Peer(url) as peer:
            peer.handshake()
            peer.try_send(set_chunk_size(SIZE) + command("connect", 1, {"app": "live"}, Raw(value), size=SIZE))
            received, closed = peer.receive_until(b"_result")
            harness.check(b"_result" in received or closed, f"connect with {what}: neither answered nor closed")


def metadata_with(url, values):
    """Senseless metadata: the publisher continues, or is closed."""
    with publisher(url) as peer:
        peer.try_send(set_chunk_size(SIZE))
        for what, value in values.items():
            peer.try_send(chunk(18, flv.amf("@setDataFrame") + flv.amf("onMetaData") + value, chunk_stream=4, stream=1, size=SIZE))
            harness.check(peer.alive(), f"metadata with {what}: the publisher was disconnected")


def too_large(url, kind, values):
    """A value nested 70,000 deep is also too large for a command: the server closes, or ignores the value."""
    for what, value in values.items():
        with Peer(url) as peer:
            peer.handshake()
            peer.try_send(set_chunk_size(SIZE) + chunk(kind, flv.amf("connect") + flv.amf(1) + value, size=SIZE))
            peer.try_send(chunk(4, b"\x00\x06" + bytes(4), chunk_stream=2))
            received, closed = peer.receive_until(struct.pack(">HI", 7, 0))
            harness.check(received or closed, f"{what}: neither answered nor closed")


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/odd"), scene.server.rtmp("live/honest")
        with scene.attack("AMF 64, 65, 20,000 deep", memory_mb=4, lines=12):
            connects_with(ingest, DEEP)
            connects_with(relay, DEEP)
            metadata_with(ingest, DEEP)
        with scene.attack("AMF 70,000 deep", memory_mb=4, lines=8):
            deepest = {"objects 70,000 deep": nested(70_000), "AMF3 arrays 70,000 deep": nested3(70_000)}
            for kind in (20, 17):
                too_large(ingest, kind, deepest)
                too_large(relay, kind, deepest)
        with scene.attack("arrays and texts that claim 2^32-1", memory_mb=6, lines=4):
            connects_with(ingest, CLAIMS)
            connects_with(relay, CLAIMS)
            metadata_with(ingest, CLAIMS)


harness.main(test)
