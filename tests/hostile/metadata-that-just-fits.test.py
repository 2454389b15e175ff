"""Metadata at the size limits of a message, a tag and a pipe, with one stream on a plain pipe: what does not fit is dropped, the stream continues."""

from scene import Player, harness

import flv
import honest
import media
from chunks import PONG, chunk, ping, publisher, set_chunk_size
from memory import MEMORY_FACTOR, Memory, check_sanitizers

LARGE = 1 << 30  # of chunks


def metadata(size):
    """onMetaData of `size` bytes, without @setDataFrame, as in a tag."""
    head = flv.amf("onMetaData") + b"\x08\x00\x00\x00\x01\x00\x01z\x0c"
    left = size - len(head) - 4 - 3
    return flv.amf("@setDataFrame") + head + left.to_bytes(4, "big") + b"z" * left + b"\x00\x00\x09"


def test(t):
    ingest, relay = t.pipeline(["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "--stream", "live/a"],
                               ["srs-relay", "--stream", "live/a", "--threads", "1", "--listen", "http://127.0.0.1:0"])
    tags = honest.pictures(media.fixture("small.flv"))
    peer = publisher(ingest.address("rtmp") + "/live/a")
    peer.try_send(set_chunk_size(LARGE))
    for tag in tags[:10]:
        if not flv.is_media(tag):
            peer.try_send(chunk(tag.kind, tag.body, chunk_stream=6, stream=1, size=LARGE))
    pictures = [tag for tag in tags if honest.is_picture(tag)][:250]
    number = 0

    def send_pictures(count):
        nonlocal number
        for _ in range(count):
            body = honest.numbered(pictures[number].body, number)
            peer.try_send(chunk(9, body, chunk_stream=6, stream=1, time=number * honest.FRAME_MS, size=LARGE))
            number += 1

    send_pictures(25)
    player = Player(t, relay.address("http") + "/live/a.flv")
    harness.until(lambda: player.pictures(), "the first pictures")
    memory = Memory([ingest, relay])
    edge = 1 << 20
    for size in (edge - 60, edge - 1, edge, edge + 1, (1 << 24) - 20, (1 << 24) - 1):
        # Sizes without @setDataFrame: an RTMP message has at most 2^24 - 1 bytes.
        body = metadata(min(size, (1 << 24) - 1 - 16))
        peer.try_send(chunk(18, body, chunk_stream=4, stream=1, size=LARGE))
        send_pictures(25)
        peer.try_send(ping())
        received, closed = peer.receive_until(PONG)
        harness.check(PONG in received and not closed, f"metadata of {size} bytes: the publisher was disconnected")
        harness.until(lambda n=number: player.pictures()[-1][0] == n - 1, f"pictures behind metadata of {size} bytes")
    got = [n for n, _ in player.pictures()]
    harness.equal(got, list(range(got[0], number)), "pictures that the player got")
    grown = memory.grown_mb()
    print("hostile-row | metadata at the edge of what fits, one plain stream | " + " / ".join(f"{mb:.1f}" for mb in grown)
          + f" | | | {len(got)} | 0 | |", flush=True)
    harness.check(max(grown) <= 100 * MEMORY_FACTOR, f"memory grew by {grown} MiB")
    check_sanitizers([ingest, relay])
    for stage in (ingest, relay):
        harness.check(stage.alive(), f"{stage.name} ended: {stage.stderr()[-500:]}")
        harness.check(len(stage.stderr().splitlines()) <= 12, f"{stage.name} logged {len(stage.stderr().splitlines())} lines")
    peer.close()


harness.main(test)
