"""Streams that are old: their time is about to cross a number that a field, a counter or a type ends at.

A stream of these tests starts LEAD_MS before such a time and goes on behind it, or it is a week old. Its timestamps wrap at 2^32, as
FLV and RTMP have them. The name of the time is the test's argument; without one a test runs all of its own.
"""

import os
import sys
import threading
import time

import flv
import harness
import media
import rtmp

LEAD_MS = 2000
WRAP = 1 << 32
DAY_MS = 86_400_000

# Milliseconds. RTMP's extended timestamps; 32 bits, signed and not; the same of 90 kHz and of samples; MPEG-TS's 33 bits.
TIMES = {
    "2p24": 1 << 24,
    "2p31": 1 << 31,
    "2p32": 1 << 32,
    "2p31-ticks": (1 << 31) // 90,
    "2p32-ticks": (1 << 32) // 90,
    "2p33-ticks": (1 << 33) // 90,
    "2p31-samples": (1 << 31) // 48,
    "2p32-samples": (1 << 32) // 48,
    "week": 7 * DAY_MS + LEAD_MS,
}
RTMP_TIMES = ("2p24", "2p31", "2p32", "week")
# What fMP4 and RTMP have, each at its widest.
LOW_LATENCY_TIMES = ("2p32", "2p32-ticks", "2p32-samples")
# Where who begins anew counts from other times than before, and where MPEG-TS wraps.
RESTART_TIMES = ("2p32", "2p33-ticks")


class OldStream:
    """A file and what is in it. tags: of the file; frames: (kind, time, body), times modulo 2^32."""

    def __init__(self, path, tags, start_ms):
        self.path, self.tags, self.start_ms = path, tags, start_ms
        self.frames = frames_of(tags)

    def age(self, tag):
        """How long after its first frame, in ms."""
        return (tag.time - self.start_ms) % WRAP


def is_frame(tag):
    """A picture or sound: no header, and not the end of the sequence, which some clients leave out."""
    return flv.is_media(tag) and not (tag.kind == flv.VIDEO and tag.body[0] & 15 == 7 and tag.body[1] == 2)


def frames_of(tags):
    return [(tag.kind, tag.time, tag.body) for tag in tags if is_frame(tag)]


def source(t, codec="h264"):
    """The plain FLV that old streams are made of: 6 s, a key frame a second, AAC of 48 kHz."""
    if codec == "h264":
        return media.fixture("six.flv")
    out = os.path.join(t.dir, "six-hevc.flv")
    if not os.path.exists(out):
        t.run(["srs-ingest", media.fixture("six_hevc.mp4")], stdout=out).succeeds()
    return out


def make(t, name, *, codec="h264", headers_at_zero=False, lead_ms=LEAD_MS):
    """The OldStream of a time. headers_at_zero: metadata and codec headers say 0, as FFmpeg writes them."""
    start = TIMES[name] - lead_ms
    made = []
    for tag in flv.tags_of_file(source(t, codec)):
        at = 0 if headers_at_zero and not flv.is_media(tag) else (start + tag.time) % WRAP
        made.append(tag._replace(time=at))
    path = t.path(f"{codec}-{name}-{int(headers_at_zero)}.flv")
    with open(path, "wb") as file:
        file.write(flv.HEADER + b"".join(flv.write_tag(tag.kind, tag.time, tag.body) for tag in made))
    return OldStream(path, made, start % WRAP)


class Feed:
    """Writes a stream into pipes in real time (or `speed` times as fast), step by step."""

    def __init__(self, stream, *fds, speed=1.0):
        self.stream, self.speed = stream, speed
        self._pipes, self._next = [], 0
        for fd in fds:
            self.add(fd)

    def add(self, fd):
        """One more, that gets what is still to come behind the headers."""
        pipe = os.fdopen(fd, "wb")
        pipe.write(flv.HEADER)
        if self._next > 0:
            pipe.write(b"".join(flv.write_tag(tag.kind, tag.time, tag.body) for tag in self.stream.tags if not flv.is_media(tag)))
        self._pipes.append(pipe)

    def skip_to(self, age_ms):
        """Who is added gets nothing that is younger, but the headers."""
        self._next = next(i for i, tag in enumerate(self.stream.tags) if flv.is_media(tag) and self.stream.age(tag) >= age_ms)

    def play(self, until_ms=None):
        """Up to this age of the stream, or to its end."""
        begun, first = time.monotonic(), None
        tags = self.stream.tags
        while self._next < len(tags):
            tag = tags[self._next]
            if flv.is_media(tag):
                age = self.stream.age(tag)
                if until_ms is not None and age >= until_ms:
                    break
                first = age if first is None else first
                time.sleep(max(0.0, begun + (age - first) / 1000 / self.speed - time.monotonic()))
            for pipe in list(self._pipes):
                try:
                    pipe.write(flv.write_tag(tag.kind, tag.time, tag.body))
                    pipe.flush()
                except BrokenPipeError:  # who read it was ended
                    self._pipes.remove(pipe)
            self._next += 1

    def end(self):
        for pipe in self._pipes:
            try:
                pipe.close()
            except BrokenPipeError:
                pass


def pipe_into(t, *stages, stdout=None):
    """The writing end of `PIPE | stage | stage`, and the processes."""
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, False)
    return write_end, t.pipeline(*stages, stdin=read_end, stdout=stdout)


def feed(t, stream, *stages, speed=1.0, stdout=None):
    """`Feed | stage | stage`: the feed and the processes."""
    write_end, processes = pipe_into(t, *stages, stdout=stdout)
    return Feed(stream, write_end, speed=speed), processes


class RtmpPlayer(threading.Thread):
    """Plays to the end of the stream; its tags are what came."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.tags, self.failure = url, [], None
        self.start()

    def run(self):
        try:
            with rtmp.Client(self.url, seconds=20) as client:
                client.play()
                for tag in client.tags():
                    self.tags.append(tag)
        except rtmp.Closed:
            pass
        except Exception as error:  # noqa: BLE001 - told by who waits for it
            self.failure = error

    def media_count(self):
        harness.check(self.failure is None, f"{self.url}: {self.failure}")
        return sum(map(flv.is_media, list(self.tags)))

    def finish(self):
        self.join(30)
        harness.check(not self.is_alive() and self.failure is None, f"{self.url}: {self.failure or 'the stream does not end'}")
        return self.tags


def curl(t, url, name):
    """A player that writes down what comes: (process, path)."""
    path = t.path(name)
    return t.start(["curl", "--silent", "--show-error", "--no-buffer", "--fail", "--max-time", "60", url], stdout=path), path


def discontinuities(tags):
    return [flv.script(tag) for tag in tags if flv.is_discontinuity(tag)]


def check_frames(wanted, got, what, *, whole=False, from_age=None, start_ms=0):
    """Failed unless the tags hold a stretch of the wanted frames that goes on to the end: each once, at its time modulo 2^32.

    whole: from the first frame on. from_age: and the first picture is at this age or before it, in ms."""
    got = frames_of(got)
    for kind in (flv.VIDEO, flv.AUDIO):
        there = [frame for frame in wanted if frame[0] == kind]
        here = [frame for frame in got if frame[0] == kind]
        harness.check(here, f"{what}: no frame of kind {kind}")
        bodies = [frame[2] for frame in there]
        harness.check(here[0][2] in bodies, f"{what}: the first frame of kind {kind} was never sent")
        first = next((i for i, frame in enumerate(there) if frame == here[0]), bodies.index(here[0][2]))
        expected = there[first:]
        wrong = next((i for i, (a, b) in enumerate(zip(here, expected)) if a != b), None)
        if wrong is not None:
            a, b = here[wrong], expected[wrong]
            raise harness.Failed(f"{what}: frame {wrong} of kind {kind}: got {len(a[2])} bytes at {a[1]}, wanted {len(b[2])} at {b[1]}")
        harness.equal(len(here), len(expected), f"{what}: frames of kind {kind}, the first at {here[0][1]}")
        if whole:
            harness.equal(first, 0, f"{what}: frames of kind {kind} that are missing at the start")
        if from_age is not None and kind == flv.VIDEO:
            age = (here[0][1] - start_ms) % WRAP
            harness.check(age <= from_age, f"{what}: begins {age} ms after the stream's start, and not {from_age} at the latest")


def main(test, names=tuple(TIMES)):
    """Runs test(t, name) for the time that the argument names, or for all of `names`."""
    asked = sys.argv[1:] or names

    def run(t):
        for name in asked:
            test(t, name)
    harness.main(run)
