"""Little that costs much: messages of a byte, times that stand still, metadata that each start carries, pictures without a key frame."""

import time

from scene import Scene, harness

import flv
import media
from chunks import chunk, publisher, set_chunk_size
from memory import SANITIZED

LARGE = 1 << 30
# Up to 160 MB come in four seconds, as fast as the machine takes them: what is kept must not depend on how fast that is.
HLS = ["--max-segment", "16M", "--stream-memory", "48M"]
SMALL_MB = 2 if SANITIZED else 8  # a sanitizer takes a minute for a million messages


def headers_and_pictures():
    tags = flv.tags_of_file(media.fixture("small.flv"))
    key = next(tag for tag in tags if flv.is_key_frame(tag))
    other = next(tag for tag in tags if tag.kind == flv.VIDEO and flv.is_media(tag) and not flv.is_key_frame(tag))
    return [tag for tag in tags[:10] if tag.kind != flv.SCRIPT and not flv.is_media(tag)], key.body, other.body


def begin(peer):
    peer.try_send(set_chunk_size(LARGE))
    for tag in headers_and_pictures()[0]:
        peer.try_send(message(tag.kind, tag.body))


def message(kind, body, at=0):
    return chunk(kind, body, chunk_stream={8: 4, 9: 6}.get(kind, 5), stream=1, time=at, size=LARGE)


def give_all(peer, blocks):
    """Until the server closes: it may."""
    for block in blocks:
        if not peer.try_send(block):
            return


def one_byte(url, kind, megabytes):
    """Two bytes on the wire each, of one timestamp."""
    body = b"\x2f" if kind == 8 else b"\x27"
    with publisher(url) as peer:
        begin(peer)
        peer.try_send(message(kind, body))
        first = bytes([0xc0 | {8: 4, 9: 6}[kind]])
        give_all(peer, [(first + body) * 32_000] * (megabytes * 16))


def still(url, seconds, large, mode):
    """Large pictures whose times stand still, or that never are key frames, at up to 40 MB/s."""
    _, key, other = headers_and_pictures()
    nal = large.to_bytes(4, "big") + (b"\x65" if mode == "keys" else b"\x41") + b"\x9a" * (large - 1)
    body = (key if mode == "keys" else other)[:5] + nal
    with publisher(url) as peer:
        begin(peer)
        peer.try_send(message(9, key))
        end, number = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            number += 1
            if not peer.try_send(message(9, body, number if mode == "no key frame" else 0)):
                break
            time.sleep(large / 40e6)


def metadata_in_each_start(url):
    """A megabyte of metadata once, then a thousand key frames of 200 bytes: starts share their headers."""
    _, key, _ = headers_and_pictures()
    values = {f"k{i}": "x" * 60_000 for i in range(16)}
    with publisher(url) as peer:
        begin(peer)
        peer.try_send(message(18, flv.amf("@setDataFrame") + flv.amf("onMetaData") + flv.amf(values)))
        give_all(peer, [message(9, key[:5] + (200).to_bytes(4, "big") + b"\x65" + bytes(199), 20 * n) for n in range(1000)])


def metadata_flood(url):
    """60 MB of it: other streams' frames go first."""
    values = {f"k{i}": "x" * 60_000 for i in range(16)}
    with publisher(url) as peer:
        begin(peer)
        give_all(peer, [message(18, flv.amf("@setDataFrame") + flv.amf("onMetaData") + flv.amf({**values, "n": n})) for n in range(60)])


def test(t):
    with Scene(t, hls=HLS) as scene:
        url = scene.server.publish
        with scene.attack(f"one-byte sound messages, {SMALL_MB} MB", memory_mb=48, lines=8):
            one_byte(url("live/sound"), 8, SMALL_MB)
        with scene.attack(f"one-byte pictures, {SMALL_MB} MB", memory_mb=48, lines=8):
            one_byte(url("live/pictures"), 9, SMALL_MB)
        with scene.attack("a megabyte of metadata and a thousand key frames", memory_mb=24, lines=8):
            metadata_in_each_start(url("live/starts"))
        with scene.attack("60 MB of metadata", memory_mb=64, lines=8):
            metadata_flood(url("live/metadata"))
        # srs-relay: the log of a stream, 64 MiB, and the queue to the next stage, 32 MiB.
        # srs-hls: 48 MiB of segments; the next, of up to 16 MiB, as frames and as a file.
        for mode in ("keys", "pictures", "no key frame"):
            with scene.attack(f"times that stand still: {mode}", memory_mb=112, lines=12):
                still(url("live/still-" + mode.split()[0]), 4, 200_000, mode)


harness.main(test)
