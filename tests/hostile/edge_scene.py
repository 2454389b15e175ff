"""An edge in front of a scene's relay, with an honest player of its own; it is checked like the other stages."""

import contextlib
import itertools
import threading
import time

from scene import NAME, Player, Scene, harness
from memory import check_sanitizers


class EdgeScene(Scene):
    """origins: tried before the scene's own relay. options: further options of the edge."""

    def __init__(self, t, *options, origins=()):
        super().__init__(t)
        urls = [*origins, self.server.flv("")[:-len("/.flv")]]
        self.edge = t.start(["srs-relay", "--threads", "1", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
                             *(word for url in urls for word in ("--origin", url)), *options])
        self.stages = [*self.server.stages, self.edge]
        self.players.append(Player(t, f"{self.edge.address('http')}/{NAME}.flv"))
        harness.until(lambda: self.players[-1].count() >= 10, "the first pictures at the edge")

    def _close(self):
        super()._close()
        self.edge.stop()
        check_sanitizers(self.stages)


# What a lying origin sends, piece by piece.

def forever(*pieces):
    return itertools.cycle(pieces)


def dripping(beginning, byte=b"\x00"):
    """`beginning`, then a byte a second."""
    yield beginning
    while True:
        time.sleep(1)
        yield byte


@contextlib.contextmanager
def crowd(count, work):
    """Runs work(number, stop) in `count` threads until the block is over; stop is a threading.Event."""
    stop = threading.Event()

    def run(number):
        with contextlib.suppress(OSError, harness.Failed):
            work(number, stop)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
