"""connect, publish, metadata and play truncated at every byte: nothing is left behind, nobody else notices."""

from scene import Scene, harness

import flv
from chunks import Peer, chunk, connect, create_stream, play, publish


def cut_everywhere(url, first, dialogue):
    """A connection for each length of the dialogue from `first` on; each ends there."""
    for size in range(first, len(dialogue)):
        with Peer(url) as peer:
            peer.handshake()
            peer.try_send(dialogue[:size])


def handshakes(url):
    hello = b"\x03" + bytes(1536)
    for size in [*range(0, 32), 1535, 1536, 1537]:
        with Peer(url) as peer:
            peer.try_send(hello[:size])
    for size in (0, 1, 767, 1535):
        with Peer(url) as peer:
            peer.try_send(hello)
            peer.receive_until(bytes(1))
            peer.try_send(bytes(size))


def metadata(url):
    """Of an accepted publisher: each cut begins and loses a stream of the same name."""
    body = flv.amf("@setDataFrame") + flv.amf("onMetaData") + flv.amf({"width": 640, "encoder": "x", "stereo": True})
    message = chunk(18, body, chunk_stream=4, stream=1)
    for size in range(0, len(message), 4):
        with Peer(url) as peer:
            harness.equal(peer.publish("cut"), "NetStream.Publish.Start", f"answer to publish number {size}")
            peer.try_send(message[:size])


def truncated_values(url):
    """A whole message whose value is truncated at every byte: the connection may stay open, the value is ignored."""
    body = (flv.amf("onMetaData") + flv.amf({"width": 640, "inner": {"a": "b"}}) + b"\x0a\x00\x00\x00\x02" + flv.amf(1) * 2
            + b"\x11\x0a\x0b\x01\x03a\x04\x01\x01")
    with Peer(url) as peer:
        harness.equal(peer.publish("truncated"), "NetStream.Publish.Start", "answer to publish")
        for size in range(len(body)):
            peer.try_send(chunk(18, body[:size], chunk_stream=4, stream=1))
            peer.try_send(chunk(15, b"\x00" + body[:size], chunk_stream=4, stream=1))
        harness.check(peer.alive(), "truncated metadata: the connection was closed")


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/cut"), scene.server.rtmp("live/honest")
        with scene.attack("handshakes cut off", memory_mb=2, lines=0):
            handshakes(ingest)
            handshakes(relay)
        with scene.attack("connect and publish cut at every byte", memory_mb=3, lines=0):
            cut_everywhere(ingest, 0, connect() + create_stream() + publish("cut")[:-1])
        with scene.attack("connect and play cut at every byte", memory_mb=3, lines=0):
            cut_everywhere(relay, 0, connect() + create_stream() + play("honest")[:-1])
        with scene.attack("metadata cut at every byte", memory_mb=4, lines=60):
            metadata(ingest)
        with scene.attack("metadata whose values break off", memory_mb=4, lines=5):
            truncated_values(ingest)


harness.main(test)
