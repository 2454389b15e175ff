"""An encoder whose clock is old, as real ones differ: extended timestamps from 0xffffff on and wrapping at 2^32, repeated in the chunks
that continue a message or left out there; times in full in each header, or as differences."""

import struct
import time

import old_streams  # first, since it finds the others

import flv
import harness
import rtmp

EXTENDED = 0xffffff
CHUNK_SIZE = 128


class Style:
    """repeats: type-3 chunks repeat the extended timestamp. deltas: headers of type 1 with the time since the message before."""

    def __init__(self, name, *, repeats, deltas):
        self.name, self.repeats, self.deltas = name, repeats, deltas


STYLES = [Style("full-repeated", repeats=True, deltas=False), Style("full-bare", repeats=False, deltas=False),
          Style("deltas-repeated", repeats=True, deltas=True)]


class Publisher:
    """Publishes an OldStream to a URL, step by step."""

    def __init__(self, stream, url, style):
        self.stream, self.style = stream, style
        self.client = rtmp.Client(url)
        harness.equal(self.client.publish(), "NetStream.Publish.Start", f"the answer to {style.name}")
        self._before = {}  # chunk stream -> time of its newest message
        self._next = 0

    def chunks(self, tag):
        chunk_stream = {flv.AUDIO: 4, flv.VIDEO: 6}.get(tag.kind, 5)
        body = flv.amf("@setDataFrame") + tag.body if tag.kind == flv.SCRIPT else tag.body
        before = self._before.get(chunk_stream)
        self._before[chunk_stream] = tag.time
        by_difference = self.style.deltas and before is not None
        field = (tag.time - before) % old_streams.WRAP if by_difference else tag.time
        extended = struct.pack(">I", field) if field >= EXTENDED else b""
        header = bytes([(0x40 if by_difference else 0) | chunk_stream]) + min(field, EXTENDED).to_bytes(3, "big")
        header += len(body).to_bytes(3, "big") + bytes([tag.kind])
        header += b"" if by_difference else struct.pack("<I", 1)
        again = bytes([0xc0 | chunk_stream]) + (extended if self.style.repeats else b"")
        pieces = [body[i:i + CHUNK_SIZE] for i in range(0, len(body), CHUNK_SIZE)] or [b""]
        return header + extended + again.join(pieces)

    def play(self, until_ms=None, speed=2.0):
        """Up to this age of the stream, or to its end. Its headers first, whenever it begins."""
        begun, first = time.monotonic(), None
        while self._next < len(self.stream.tags):
            tag = self.stream.tags[self._next]
            if flv.is_media(tag):
                age = self.stream.age(tag)
                if until_ms is not None and age >= until_ms:
                    return
                first = age if first is None else first
                time.sleep(max(0.0, begun + (age - first) / 1000 / speed - time.monotonic()))
            self.client.socket.sendall(self.chunks(tag))
            self._next += 1

    def skip_to(self, age_ms):
        """The next frame is the first picture to start at from this age on; headers are sent before it."""
        headers = [tag for tag in self.stream.tags if not flv.is_media(tag)]
        tags = self.stream.tags
        at = next(i for i, tag in enumerate(tags) if flv.is_key_frame(tag) and self.stream.age(tag) >= age_ms)
        for tag in headers:
            self.client.socket.sendall(self.chunks(tag._replace(time=tags[at].time)))
        self._next = at

    def end(self):
        self.client.command("deleteStream", 4, None, 1)
        self.client.close()
