"""A player that is too slow gets whole messages in order, skips to key frames only, and the relay counts it, also over TLS; --max-lag makes
it skip earlier."""

import re
import signal

import crowd
import flv
import harness
import media
import tls

RATE = 20_000_000 / 8  # of the stream, bytes a second


class Case:
    """A relay with a healthy player and one that reads too slowly."""

    def __init__(self, t, *options, scheme="http"):
        self.what = " ".join(options) or "the default"
        self.ingest, self.relay = t.pipeline(
            ["srs-ingest", "--realtime", "--loop", media.fixture("heavy.flv")],
            ["srs-relay", "--stream", "live/x", "--listen", f"{scheme}://127.0.0.1:0", *options])
        url = self.relay.address(scheme) + "/live/x.flv"
        self.healthy = crowd.Reader(url)
        harness.until(self.healthy.newest_ms, "the healthy player to begin")
        self.slow = crowd.Reader(url, bytes_a_second=RATE / 3, receive_buffer=crowd.SMALL_BUFFER, beside=self.healthy)

    def jumps_seen(self):
        """Gaps of more than a few frames, as the player sees them from timestamps."""
        pictures = [tag.time for tag in list(self.slow.tags) if tag.kind == flv.VIDEO and flv.is_media(tag)]
        return sum(b - a > 200 for a, b in zip(pictures, pictures[1:]))

    def end(self):
        self.ingest.signal(signal.SIGTERM)
        harness.equal(self.relay.wait(), 0, f"exit status with {self.what}")

    def check_healthy(self, source):
        for kind in (flv.AUDIO, flv.VIDEO):
            crowd.follows([tag.body for tag in source if tag.kind == kind],
                          [tag.body for tag in self.healthy.tags if tag.kind == kind and flv.is_media(tag)],
                          f"{self.what}: the healthy player, kind {kind}")

    def check_slow(self):
        """What the slow player got is what the healthy one got, but for gaps that end at key frames. How many gaps."""
        everything = [tag for tag in self.healthy.tags if flv.is_media(tag)]
        at, gaps = None, 0
        for tag in filter(flv.is_media, self.slow.tags):
            place = next((i for i in range(at or 0, len(everything)) if everything[i] == tag), None)
            harness.check(place is not None, f"{self.what}: {tag.kind} of {tag.time} ms is damaged, twice or out of order")
            if at is not None and place > at:
                harness.check(flv.is_key_frame(tag), f"{self.what}: goes on at {tag.time} ms, behind a gap, without a key frame")
                gaps += 1
            at = place + 1
        return gaps

    def check_counted(self, gaps):
        """In what the relay says."""
        ended = re.search(r"live/x: ended, 2 players; slow players skipped (\d+) times, 0 stalled ones", self.relay.stderr())
        harness.check(ended, f"{self.what}: the last line does not count the skips:\n{self.relay.stderr()}")
        # A skip may lead to the very next message, and the last one may come too late to be seen.
        harness.check(gaps <= int(ended[1]) <= gaps + 2, f"{self.what}: {gaps} gaps, but {ended[1]} skips are counted")


def test(t):
    cases = [Case(t), Case(t, "--max-lag", "1s"), Case(t, *tls.Certificate(t).options(), scheme="https")]
    for case in cases:
        harness.until(lambda: case.jumps_seen() >= 2, f"the second jump with {case.what}")
    for case in cases:
        told = case.relay.wait_line(r"warning: live/x: players that are too slow skipped to a newer key frame (\d+) times in the last 10 s"
                                     r": 127\.0\.0\.1 missed (\d+\.\d) s in (\d+) skips?$")
        harness.check(1 <= int(told[3]) <= int(told[1]) and float(told[2]) > 0, f"{case.what}: {told[0]}")
    for case in cases:
        case.end()
    source = [tag for tag in flv.tags_of_file(media.fixture("heavy.flv")) if flv.is_media(tag)]
    for case in cases:
        case.check_healthy(source)
        gaps = case.check_slow()
        harness.check(gaps >= 2, f"{case.what}: {gaps} gaps")
        case.check_counted(gaps)
    lags = [max(case.slow.lags) for case in cases]
    harness.check(lags[1] < lags[0], f"the slow player was {lags[0]} ms behind by default, and {lags[1]} ms with --max-lag 1s")


harness.main(test)
