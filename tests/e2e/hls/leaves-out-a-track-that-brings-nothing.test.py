"""A track that was announced and brings no frames is told of nowhere: neither in CODECS, nor in the PMT or the init section, nor with a playlist of
its own. It is said once. When its frames come, they are there behind a discontinuity; while pictures are late, sound is cut by time."""

import os
import re
import subprocess

import flv
import harness
import hls
import muted
from checker import Checker


class Package:
    """What srs-hls made of a file."""

    def __init__(self, t, file, *options):
        self.www = t.path(f"www-{len(t.processes)}")
        os.mkdir(self.www)
        stage = t.run(["srs-hls", "--stream", "live/x", "--window", "100", *options, self.www], stdin=file)
        stage.succeeds()
        self.said = stage.stderr()
        self.whole = self.text("live/x.m3u8")

    def text(self, name):
        with open(os.path.join(self.www, name)) as f:
            return f.read()

    def playlist(self, name="av"):
        return self.text(f"live/x/{name}.m3u8")

    def tracks(self, uri):
        """Kinds of the tracks that a segment, or its init section, declares, as FFmpeg sees them."""
        path = os.path.join(self.www, "live/x", uri)
        if uri.endswith(".m4s"):
            before = self.playlist().split(f"\n{uri}\n")[0]
            path = "concat:" + os.path.join(self.www, "live/x", re.findall(r'MAP:URI="(.+?)"', before)[-1]) + "|" + path
        out = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", path], capture_output=True, text=True)
        return set(out.stdout.split())


def nothing_ever(t, kind, codec, other):
    file = muted.without(t, f"never-{kind}.flv", kind)
    for options in (["--format", "ts"], ["--format", "fmp4"], ["--format", "fmp4", "--audio", "demuxed"]):
        made = Package(t, file, *options)
        harness.check(codec not in made.whole and other in made.whole, f"CODECS with {options}: {made.whole}")
        harness.check("TYPE=AUDIO" not in made.whole, f"EXT-X-MEDIA with {options}: {made.whole}")
        harness.equal(len(re.findall("goes on alone", made.said)), 1, f"lines about it: {made.said}")
        name = "av" if "demuxed" not in options else "video" if kind == flv.AUDIO else "audio"
        text = made.playlist(name)
        harness.equal(hls.number(text, "EXT-X-TARGETDURATION"), 2, f"target duration with {options}")
        harness.check("DISCONTINUITY" not in text and "GAP" not in text and len(hls.segments(text)) > 10, text)
        if name == "av":
            harness.equal(len(made.tracks(hls.segments(text)[3])), 1, f"tracks with {options}")


def comes_late(t, kind, before, options):
    file = muted.without(t, f"late-{kind}.flv", kind, end=12.5)
    made = Package(t, file, *options)
    harness.check("avc1" in made.whole and "mp4a" in made.whole, f"CODECS once both are there: {made.whole}")
    text = made.playlist()
    harness.equal(hls.number(text, "EXT-X-TARGETDURATION"), 2, "target duration")
    first, second = text.split("#EXT-X-DISCONTINUITY\n")
    harness.equal(made.tracks(hls.segments(first)[-1]), {before}, f"tracks before it comes, {options}")
    harness.equal(made.tracks(hls.segments(second)[0]), {"video", "audio"}, f"tracks once it is there, {options}")
    if "fmp4" in options:
        harness.equal([len(re.findall("EXT-X-MAP", side)) for side in (first, second)], [1, 1], "init sections before and after")


def test(t):
    nothing_ever(t, flv.AUDIO, "mp4a", "avc1")
    nothing_ever(t, flv.VIDEO, "avc1", "mp4a")
    for options in (["--format", "ts"], ["--format", "fmp4"]):
        comes_late(t, flv.AUDIO, "video", options)
        comes_late(t, flv.VIDEO, "audio", options)
    # By the rules, while it happens.
    watching = []
    for kind in (flv.AUDIO, flv.VIDEO):
        file = muted.without(t, f"soon-{kind}.flv", kind, end=7)
        for options in (["--format", "fmp4"], ["--low-latency"], ["--format", "fmp4", "--audio", "demuxed"]):
            server = hls.HlsServer(t, file, "--target", "1s", *options)
            server.stage.wait_line("live/cam: begins")
            # The checker follows the playlists that there were at first.
            watching.append((Checker(t, server.url(), 14), {"CODECS", "MEMBERS"} if "demuxed" in options else set()))
    for checker, but in watching:
        checker.conforms(but=but, segments=8)


harness.main(test)
