"""AMF3 whose references expand a hundredfold, and metadata of megabytes: dropped or refused, and never a tag on the pipe that is too
large for its header."""

from scene import Scene, harness

import flv
from amf3 import repeated
from chunks import END, Peer, Raw, chunk, command, connect, publisher, set_chunk_size

SIZE = 1 << 24  # of chunks


def array(text, count):
    """An AMF3 array of a text and `count` references to it."""
    return repeated(b"A" * text, count + 1)


def metadata_of(size):
    return flv.amf("onMetaData") + b"\x08\x00\x00\x00\x01\x00\x01z\x0c" + size.to_bytes(4, "big") + b"z" * size + END


def large_data(url):
    """The publisher stays; what is too large is dropped."""
    for kind, body in ((15, b"\x00" + flv.amf("hello") + array(2000, 519) * 17),        # 52 KB that become 17 MB
                       (15, b"\x00" + flv.amf("onMetaData") + array(60_000, 50_000)),  # and 3 GB
                       (18, flv.amf("@setDataFrame") + metadata_of(2 << 20)),
                       (18, metadata_of((1 << 24) - 60))):
        with publisher(url) as peer:
            peer.try_send(set_chunk_size(SIZE) + chunk(kind, body, chunk_stream=4, stream=1, size=SIZE))
            harness.check(peer.alive(), f"a data message of {len(body)} bytes: no answer to a ping")


def large_commands(url):
    """Before connect, and after it: refused."""
    bombs = [array(13_000, 80) * 100, array(1000, 1000) * 20, array(2000, 1000)]
    for bomb in bombs:
        with Peer(url) as peer:
            peer.handshake()
            peer.try_send(set_chunk_size(SIZE) + connect(size=SIZE) + command("x", 0, Raw(bomb), size=SIZE))
            harness.check(peer.is_closed(), f"a command of {len(bomb)} bytes that expands: the connection is still open")


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/evil"), scene.server.rtmp("live/honest")
        with scene.attack("AMF3 that grows to 17 MB, metadata of 16 MiB", memory_mb=24, lines=16):
            large_data(ingest)
        with scene.attack("commands that grow a hundredfold", memory_mb=6, lines=3):
            large_commands(ingest)
            large_commands(relay)


harness.main(test)
