"""Publishers that flood a relay that takes them: they share its one thread with the players, who must go on."""

import threading

from scene import Scene, harness
from chunks import chunk, ping, publisher

PINGS = ping() * 4000
EMPTY = chunk(8, b"", chunk_stream=4, stream=1) + b"\xc4" * 60_000
SOUND = chunk(8, b"\xaf\x01x", chunk_stream=4, stream=1) + b"\xc4\xaf\x01x" * 20_000


def floods(url, block, attack, what):
    """Sends the block in a loop and reads the answers, until the honest players have their pictures."""
    ended = threading.Event()
    with publisher(url) as peer:
        peer.socket.settimeout(harness.PATIENCE)

        def read():
            while not ended.is_set() and not peer.receive_for(0.2)[1]:
                pass
        reader = threading.Thread(target=read)
        reader.start()
        sent = 0
        try:
            while attack.goes_on(frames=100):
                sent += peer.send_some(block)
        finally:
            ended.set()
            reader.join()
    harness.check(sent > 0, f"{what}: nothing was sent")


def test(t):
    with Scene(t, relay=["--accept-publish", "--grace", "0s"]) as scene:
        for i, (what, block) in enumerate((("pings", PINGS), ("empty messages", EMPTY), ("sound of one byte", SOUND))):
            with scene.attack(f"a publisher at a relay that sends {what}", memory_mb=100, lines=8) as attack:
                floods(scene.server.rtmp(f"live/flood{i}"), block, attack, what)


harness.main(test)
