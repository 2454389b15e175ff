"""A player of Low-Latency HLS that asks for each part before it is there, across the crossing: every request is answered with what it asked
for, and what it gets is every frame of the old stream, once, at its time. srs-bench has no error there, and no number goes back."""

import json
import threading

import old_streams  # first, since it finds the others

import harness
import hls
import hls_times
import media


class BlockingPlayer(threading.Thread):
    """Fetches the hinted part, then the playlist that lists it, until the list ends. `pieces` is what it plays, in order."""

    def __init__(self, base):
        super().__init__(daemon=True)
        self.base, self.failure, self.blocked, self.waits = base, None, 0, False
        self.pieces, self.texts = [], []
        self.start()

    def get(self, name):
        status, _, body = hls.get(f"{self.base}/{name}")
        return body if status == 200 else None

    def take(self, name):
        body = self.get(name)
        harness.check(body is not None, f"{name} is listed and not there")
        self.pieces.append(body)

    def play(self):
        text = self.get("av.m3u8").decode()
        self.take(text.split('#EXT-X-MAP:URI="', 1)[1].split('"', 1)[0])
        for name in hls.segments(text):
            self.take(name)
        for name in hls.parts(text[max(text.rfind("#EXTINF"), 0):]):
            self.take(name)
        while "#EXT-X-ENDLIST" not in text:
            hint, wanted = hls.hint(text), (hls.next_sequence(text), hls.open_parts(text))
            self.waits = True
            part = self.get(hint)
            text = self.get(f"av.m3u8?_HLS_msn={wanted[0]}&_HLS_part={wanted[1]}").decode()
            self.texts.append(text)
            if "#EXT-X-ENDLIST" in text and part is None:
                break
            harness.check(part is not None and hint in hls.parts(text), f"{hint} did not become a part of\n{text}")
            harness.check((hls.next_sequence(text), hls.open_parts(text)) > wanted, f"the answer to {wanted} came before it:\n{text}")
            self.pieces.append(part)
            # What came with it.
            parts = hls.parts(text)
            for name in parts[parts.index(hint) + 1:]:
                self.take(name)
            self.blocked += 1

    def run(self):
        try:
            self.play()
        except Exception as error:  # noqa: BLE001 - told by who waits for it
            self.failure = error

    def finish(self):
        self.join(30)
        harness.check(not self.is_alive() and self.failure is None, f"player: {self.failure or 'the list does not end'}")


def check_pieces(t, stream, name, pieces):
    joined = t.path(f"{name}.mp4")
    with open(joined, "wb") as file:
        file.write(b"".join(pieces))
    harness.check(hls_times.contents(joined, ()) == hls_times.contents(old_streams.source(t), ()), f"{name}: other packets than were sent")
    packets = media.framemd5(joined)
    for kind, step in (("v", 0.040), ("a", 1024 / 48000)):
        hls_times.check_steps([packet.dts / 1000 for packet in packets if packet.stream == kind], step, 0.0021, f"kind {kind} of {name}")
    first = min(packet.dts for packet in packets)
    harness.check(abs(first - stream.start_ms) < 100, f"{name} begins at {first} ms, and not at {stream.start_ms}")


def test(t, name):
    stream = old_streams.make(t, name)
    feed, (stage,) = old_streams.feed(t, stream, ["srs-hls", "--stream", "live/x", "--low-latency", "--part", "200ms", "--target", "1s", "--window", "100",
                                                  "--linger", "20s", "--listen", "http://127.0.0.1:0"], speed=2)
    base = stage.address("http")
    feed.play(1500)
    player = BlockingPlayer(f"{base}/live/x")
    bench = t.start(["srs-bench", "--json", "-n", "3", "--for", "2s", "play", f"{base}/live/x.m3u8"])
    harness.until(lambda: player.waits or player.failure, "a player that waits for a part")
    feed.play()
    feed.end()
    player.finish()
    harness.check(player.blocked >= 15, f"{name}: only {player.blocked} parts were waited for")
    for text in player.texts:  # the first segment of a list in memory is one: earlier runs may have had the numbers before
        harness.check("#EXT-X-DISCONTINUITY\n" not in text[text.index("#EXTINF"):], f"{name}: a discontinuity in\n{text}")
    check_pieces(t, stream, name, player.pieces)
    harness.equal(bench.wait(), 0, f"status of srs-bench: {bench.stderr()} {bench.stdout()}")
    seen = json.loads(bench.stdout())["hls"]
    harness.equal((seen["low_latency_players"], seen["errors"], seen["lower_numbers"]), (3, {}, 0), f"{name}, srs-bench: {seen}")
    harness.check(seen["parts"] > 15 and seen["blocked_playlist_ms"]["count"] > 10, f"{name}, srs-bench: {seen}")
    harness.equal(stage.stop(), 0, f"status of srs-hls: {stage.stderr()}")


old_streams.main(test, old_streams.LOW_LATENCY_TIMES)
