"""srs-hls is killed and started again on the same port, judged by the checker over both lives: with a directory, and from memory with --state."""

import signal

import harness
import hls
import media
from checker import Checker


class Server:
    def __init__(self, t, relay, *options):
        self.t, self.relay, self.options, self.port = t, relay, options, harness.free_port()
        self.base = f"http://127.0.0.1:{self.port}/live/cam"

    def start(self):
        self.ingest, self.stage = self.t.pipeline(
            ["srs-ingest", f"{self.relay}/live/cam"],
            ["srs-hls", "--stream", "live/cam", "--listen", f"http://127.0.0.1:{self.port}", "--target", "1s", "--window", "8", *self.options])
        self.stage.address("http")

    def kill(self):
        self.stage.signal(signal.SIGKILL)
        self.stage.wait()
        self.ingest.end()

    def wait_segments(self, count):
        hls.wait_segments(f"{self.base}/av.m3u8", count)


def test(t):
    source, relay = t.pipeline(["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
                               ["srs-relay", "--stream", "live/cam", "--listen", "rtmp://127.0.0.1:0"])
    rtmp = relay.address("rtmp")
    servers = [Server(t, rtmp, "--format", "ts", t.path("www-ts")), Server(t, rtmp, "--low-latency", t.path("www-ll")),
               Server(t, rtmp, "--format", "fmp4", "--state", t.path("state"))]
    for server in servers:
        server.start()
    for server in servers:
        server.wait_segments(3)
    checkers = [Checker(t, f"{server.base}.m3u8", 16) for server in servers]
    for server in servers:
        server.wait_segments(5)
        server.kill()
        server.start()
    for checker, server in zip(checkers, servers):
        # While nobody listens there is no answer, or half of one, and nothing new.
        but = {"ANSWERS", "WHOLE", "UPDATE"}
        if "--low-latency" in server.options:
            # Parts of the segment that was not whole yet went with the memory that they were in; it begins anew.
            but |= {"HINT-BECOMES-PART", "PART-STAYS", "END-BACK"}
        if "--state" in server.options:
            # Only numbers are kept there: segments went with the memory that they were in.
            but |= {"AVAILABLE", "REMOVED-STAYS", "WINDOW", "SIX-SEGMENTS", "PLAYLIST-STAYS"}
        checker.conforms(but=but, segments=8)


harness.main(test)
