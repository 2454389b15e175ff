"""A payload that grows by 16 MiB and contains forged tags where a careless reader would continue: none is read as a tag."""

from scene import Scene, harness

import admin
import flv
from amf3 import repeated
from chunks import PONG, chunk, ping, publisher, set_chunk_size

LARGE = 1 << 30  # of chunks


def forged_tag(kind, body, channel):
    return flv.write_tag(kind, 0, body, channel)


def on_stream(event, path):
    return flv.amf("onStream") + flv.amf({"path": path, "event": event, "origin": "forged"})


def forgery():
    """Grows by 2^24 and 1000 bytes: a reader that takes the size modulo 2^24 finds whole tags after it, which end live/honest."""
    name = flv.amf("hello")
    forged = (forged_tag(18, on_stream("end", "live/honest"), 1) + forged_tag(18, on_stream("begin", "live/taken-away"), 1)
              + forged_tag(18, on_stream("begin", "live/honest"), 4242))
    arrays, seen = 15, 1000
    filler = arrays * (5 + 520 * (3 + 2000))
    text = b"P" * (seen - len(name) - 5) + b"TTTT" + forged
    left = (1 << 24) + seen - (len(name) + 5 + len(text)) - 11
    text += bytes([18]) + left.to_bytes(3, "big") + bytes(4) + (2).to_bytes(3, "big")
    text += b"x" * ((1 << 24) + seen - len(name) - 5 - filler - len(text))
    return b"\x00" + name + b"\x0c" + len(text).to_bytes(4, "big") + text + repeated(b"A" * 2000, 520) * arrays


def sends_data(url, kind, body):
    """As a publisher's data message: the publisher is closed, or continues without it."""
    with publisher(url) as peer:
        peer.try_send(set_chunk_size(LARGE) + chunk(kind, body, chunk_stream=4, stream=1, size=LARGE))
        peer.try_send(ping())
        received, closed = peer.receive_until(PONG)
        harness.check(closed or PONG in received, "a data message that grows: neither closed nor alive")


def test(t):
    with Scene(t) as scene:
        with scene.attack("data whose growth forges tags of the pipe", memory_mb=40, lines=6):
            sends_data(scene.server.publish("live/evil"), 15, forgery())
            streams = {stream["stream"] for stream in admin.get_json(scene.admin(scene.server.relay) + "/api/streams")}
            harness.check(streams <= {"live/honest", "live/evil"}, f"streams at the relay: {streams}")


harness.main(test)
