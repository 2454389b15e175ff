"""Endless new stream names: srs-hls packages a limited number at a time, and deletes their files."""

import os

from scene import NAME, Scene, harness
from chunks import chunk, publisher, set_chunk_size

import flv
import media

SIZE = 1 << 20
NAMES = 120


def header():
    return next(tag.body for tag in flv.tags_of_file(media.fixture("small.flv")) if tag.kind == flv.VIDEO and tag.body[1] == 0)


def files(scene):
    return sum(len(names) for _, _, names in os.walk(os.path.join(scene.server.www, "flood")))


def test(t):
    key = bytes([0x17, 1, 0, 0, 0, 0, 0, 0, 4, 0x65, 0x88, 0x84, 0])
    with Scene(t, ingest=["--grace", "1s"], hls=["--max-streams", "10", "--keep-ended", "2s"]) as scene:
        with scene.attack(f"{NAMES} names", memory_mb=64, lines=3 * NAMES):
            for i in range(NAMES):
                with publisher(scene.server.publish(f"flood/{i}/a/b")) as peer:
                    peer.try_send(set_chunk_size(SIZE))
                    for body in (header(), key):
                        peer.try_send(chunk(9, body, chunk_stream=6, stream=1, size=SIZE))
            harness.until(lambda: "flood/" in scene.server.hls_stage.stderr(), "srs-hls to see one of them")
            # Ten live and ten ended streams, a few files each.
            harness.check(files(scene) <= 20 * 8, f"{files(scene)} files")
        harness.until(lambda: not os.path.exists(os.path.join(scene.server.www, "flood")), "all files of the flood to go",
                      seconds=60)
        harness.check(os.path.exists(os.path.join(scene.server.www, NAME, "av.m3u8")), "the honest stream's files were deleted, too")


harness.main(test)
