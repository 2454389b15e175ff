"""Endless stream names, and texts of a megabyte: an address has its share of streams, and log lines stay short."""

import json
import urllib.request

from scene import Scene, harness

from chunks import Peer, chunk, connect, create_stream, publish, set_chunk_size

SHARE = 30


def names(url, number, with_media):
    """Publishers that leave at once; how many were accepted."""
    accepted = 0
    key_frame = chunk(9, b"\x17\x01" + bytes(20), chunk_stream=6, stream=1)
    for i in range(number):
        with Peer(url) as peer:
            peer.handshake()
            peer.try_send(connect() + create_stream() + publish(f"name{i}"))
            received, _ = peer.receive_until(b"NetStream.Publish.")
            accepted += b"Publish.Start" in received or b"Publish.Start" in peer.receive_for(0.1)[0]
            if with_media:
                peer.try_send(key_frame)
    return accepted


def long_texts(url, scene):
    text = "V" * 60_000 + "\n\x1b[31mforged"
    with Peer(url) as peer:
        peer.handshake()
        peer.try_send(set_chunk_size(1 << 20) + connect(flashVer=text, size=1 << 20) + create_stream() + publish("texts"))
        harness.check(b"Publish.Start" in peer.receive_until(b"Publish.Start")[0], "a long flashVer: not accepted")
        with urllib.request.urlopen(scene.admin(scene.server.ingest) + "/api/clients", timeout=10) as answer:
            body = answer.read()
        harness.check(len(body) < 4000, f"/api/clients has {len(body)} bytes")
        client = next(client for client in json.loads(body) if client["stream"] == "live/texts")
        harness.check(len(client["software"]) <= 300 and client["software"].isprintable(), f"software: {client['software']!r}")


def test(t):
    with Scene(t, ingest=["--max-streams-per-address", str(SHARE)]) as scene:
        url = scene.server.publish("live/evil")
        with scene.attack("a flashVer of 60 kB", memory_mb=4, lines=6):
            long_texts(url, scene)
        for what, with_media in (("no media", False), ("a frame", True)):
            with scene.attack(f"300 names that bring {what}", memory_mb=8, lines=4 * SHARE):
                accepted = names(url, 300, with_media)
                harness.check(accepted < 2 * SHARE,
                              f"{accepted} of 300 names were accepted from one address that may have {SHARE}")


harness.main(test)
