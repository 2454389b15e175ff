"""Timestamps that stand still or crawl, pictures without key frames or only key frames: HLS segments stay small."""

from scene import Scene, harness
from chunks import chunk, publisher, set_chunk_size

import flv
import media

SIZE = 1 << 20  # of chunks
MEGABYTES = 96  # per attack


def header():
    """The codec configuration of an honest file."""
    return next(tag.body for tag in flv.tags_of_file(media.fixture("small.flv")) if tag.kind == flv.VIDEO and tag.body[1] == 0)


def picture(key, size=100_000):
    nal = bytes([0x65 if key else 0x41]) + b"\x9a" * (size - 1)
    return bytes([0x17 if key else 0x27, 1, 0, 0, 0]) + size.to_bytes(4, "big") + nal


def flood(scene, name, time_of, is_key):
    with publisher(scene.server.publish(name)) as peer:
        def send_picture(body, time):
            harness.check(peer.try_send(chunk(9, body, chunk_stream=6, stream=1, time=time, size=SIZE)), f"{name}: closed")
        peer.try_send(set_chunk_size(SIZE))
        send_picture(header(), 0)
        send_picture(picture(True), 0)
        key, other = picture(True), picture(False)
        peer.socket.settimeout(harness.PATIENCE)
        for i in range(MEGABYTES * 10):
            send_picture(key if is_key(i) else other, time_of(i))


def test(t):
    options = ["--max-segment", "4M", "--stream-memory", "24M"]
    with Scene(t, hls=options) as scene:
        for case, name, time_of, is_key in (
                ("timestamps that stand still", "live/still", lambda i: 0, lambda i: False),
                ("timestamps that crawl", "live/crawl", lambda i: i // 1000, lambda i: False),
                ("key frames at one time", "live/keys", lambda i: 0, lambda i: True),
                ("no key frames, a megabyte a millisecond", "live/nokey", lambda i: i // 10, lambda i: False)):
            with scene.attack(case, memory_mb=96, lines=6):
                flood(scene, name, time_of, is_key)
        said = scene.server.hls_stage.stderr()
        harness.check("segments are cut by size and time" in said, "srs-hls did not log that segments were cut")


harness.main(test)
