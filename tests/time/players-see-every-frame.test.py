"""RTMP and HTTP-FLV players of a relay see each frame of an old stream once, at its time: those that come before and those that come
behind the crossing, with and without annotations; and so do --pass and the probe behind it."""

import json

import old_streams  # first, since it finds the others

import flv
import harness
import media


def check_ffmpeg(stream, text, what):
    """Packet by packet: ffmpeg's own clock goes on where 32 bits wrap."""
    got = media.parse_framemd5(text)
    media.lossless(media.framemd5(old_streams.source(None)), got, head=10_000, tolerance=1, what=what)


class Players:
    """One of each kind, from now on."""

    def __init__(self, t, relay, name):
        self.name = name
        rtmp_url, http_url = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
        self.ours = [old_streams.RtmpPlayer(rtmp_url), old_streams.RtmpPlayer(rtmp_url + "?annotations=1")]
        self.curls = [old_streams.curl(t, http_url, f"{name}-plain.flv"), old_streams.curl(t, http_url + "?annotations=1", f"{name}-told.flv")]
        self.ffmpegs = [t.start(media.framemd5_command(url)) for url in (rtmp_url, http_url)]
        dumped = t.path(f"{name}-dump.flv")
        self.dump = t.start(["rtmpdump", "--live", "--quiet", "--rtmp", rtmp_url, "--flv", dumped]), dumped

    def wait(self, relay, count):
        """Until they play. FFmpeg looks at a second of media before it says anything: the relay knows of it."""
        harness.until(lambda: all(player.media_count() for player in self.ours), f"RTMP players {self.name}")
        for _, path in [*self.curls, self.dump]:
            harness.until(lambda path=path: flv.media_in(path), f"{path} to begin")
        harness.until(lambda: relay.stderr().count(" plays over ") >= count, f"{count} players, {self.name}")

    def check(self, stream, from_age):
        heard = {f"{self.name} RTMP player {player.url}": player.finish() for player in self.ours}
        for process, path in self.curls:
            process.succeeds()
            heard[path] = flv.tags_of_file(path)
        process, path = self.dump
        process.wait()
        heard[path] = flv.tags_of_file(path)
        for what, tags in heard.items():
            old_streams.check_frames(stream.frames, tags, what, from_age=from_age, start_ms=stream.start_ms)
            harness.equal(old_streams.discontinuities(tags), [], f"discontinuities of {what}")
        for process in self.ffmpegs:
            process.succeeds()
            check_ffmpeg(stream, process.stdout(), f"{self.name} {process.argv}")


def test(t, name):
    stream = old_streams.make(t, name)
    passed = t.path(f"{name}-passed.flv")
    feed, (relay, probe) = old_streams.feed(
        t, stream, ["srs-relay", "-v", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0", "--pass"],
        ["srs-probe", "--pass", "--json", "-"], speed=2, stdout=passed)
    relay.address("http")
    feed.play(1000)
    early = Players(t, relay, f"{name}-early")
    early.wait(relay, 7)
    feed.play(3000)
    late = Players(t, relay, f"{name}-late")
    late.wait(relay, 14)
    feed.play()
    feed.end()
    early.check(stream, 0)
    late.check(stream, 2000)
    harness.equal((relay.wait(), probe.wait()), (0, 0), f"exit statuses: {relay.stderr()} {probe.stderr()}")
    old_streams.check_frames(stream.frames, flv.tags_of_file(passed), f"{name} passed on", whole=True)
    report = json.loads(probe.stderr()[probe.stderr().index("{"):])
    harness.equal([one["verdict"] for one in report["streams"]], ["healthy"], f"what the probe says of {name}: {report}")


old_streams.main(test)
