"""Publishers that flood a relay that takes them: they share its one thread with the players, who must go on."""

from scene import Scene
from chunks import EMPTY, PINGS, chunk, publisher, talks
import harness

SOUND = chunk(8, b"\xaf\x01x", chunk_stream=4, stream=1) + b"\xc4\xaf\x01x" * 20_000


def test(t):
    with Scene(t, relay=["--accept-publish", "--grace", "0s"]) as scene:
        for i, (what, block) in enumerate((("pings", PINGS), ("empty messages", EMPTY), ("sound of one byte", SOUND))):
            with scene.attack(f"a publisher at a relay that sends {what}", memory_mb=100, lines=8) as attack:
                with publisher(scene.server.rtmp(f"live/flood{i}")) as peer:
                    talks(peer, attack, block, what)


harness.main(test)
