"""Whatever --flush and --threads say, players of both protocols get every packet, those at the end of the stream included."""

import itertools
import os

import crowd
import harness
import media

FLUSH = ["0", "auto", "350ms"]
THREADS = ["1", "4"]
PLAYERS = 2  # a protocol


class Case:
    """A relay whose stream has not begun, and players who wait for it."""

    def __init__(self, t, flush, threads):
        self.what = f"--flush {flush} --threads {threads}"
        read_end, self.write_end = os.pipe()
        self.relay = t.start(["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
                              "--flush", flush, "--threads", threads, "--wait", "1m"], stdin=read_end)
        os.close(read_end)
        urls = self.relay.address("rtmp") + "/live/x", self.relay.address("http") + "/live/x.flv"
        self.listening = crowd.sockets_of(self.relay)
        self.players = [t.start(media.framemd5_command(url)) for url in urls for _ in range(PLAYERS)]

    def all_connected(self):
        return crowd.sockets_of(self.relay) == self.listening + len(self.players)

    def begin(self, t, file):
        self.ingest = t.start(["srs-ingest", "--realtime", file], stdout=self.write_end)
        os.close(self.write_end)


def test(t):
    file = media.fixture("h264_aac.flv")
    wanted = media.framemd5(file)
    cases = [Case(t, *settings) for settings in itertools.product(FLUSH, THREADS)]
    for case in cases:
        harness.until(case.all_connected, f"the players of {case.what}")
    for case in cases:
        case.begin(t, file)
    for case in cases:
        for player in case.players:
            got = media.parse_framemd5(player.succeeds().stdout())
            media.lossless(wanted, got, what=f"{case.what}, {player.argv[player.argv.index('-i') + 1]}")
        harness.equal(case.relay.wait(), 0, f"exit status with {case.what}")
        harness.check("skipped" not in case.relay.stderr(), f"{case.what}: somebody was too slow:\n{case.relay.stderr()}")


harness.main(test)
