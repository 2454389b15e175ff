"""A live server with honest clients, and an attack beside them.

    from scene import Scene, harness

    def test(t):
        with Scene(t) as scene:
            with scene.attack("a million empty messages", memory_mb=8, lines=0):
                ...anything that a peer can do to scene.server...

    harness.main(test)

A Scene is srs-ingest --listen | srs-relay --threads 1 --pass | srs-hls, each with --admin, with an honest publisher and
two honest players (RTMP and HTTP-FLV). After an attack all of this must hold, or the test fails:

* each player received further pictures, and has lost none (every picture has a number);
* the HLS playlist advanced; at the end of the scene every picture is in the segments;
* the memory of each stage never grew by more than `memory_mb` (the kernel's high-water mark; MEMORY_FACTOR allows
  for sanitizers);
* each stage logged at most `lines` lines in each 30 s of it (what repeats is merged into a line in 10 s), none longer than
  `line_bytes`; lines that the attack before it may have caused and that were not written by its end may come now;
* all stages are running, and no sanitizer has found anything.

Each attack prints a row of the table that tests/hostile/table makes.
"""

import contextlib
import glob
import math
import os
import re
import sys
import time

import admin
import harness
import honest
import media
from live import LiveServer
from memory import MEMORY_FACTOR, Memory, check_sanitizers

NAME = "live/honest"
FRAMES = 25  # a second's: honest players must receive them after an attack


class Player:
    """An honest player in a process of its own."""

    def __init__(self, t, url):
        self.url = url
        self.process = t.start([sys.executable, honest.__file__, "play", url])

    def pictures(self):
        """[(number, milliseconds)] so far."""
        lines = self.process.stdout().split("\n")[:-1]
        return [tuple(map(int, line.split())) for line in lines]

    def count(self):
        harness.check(self.process.alive(), f"the honest player of {self.url} ended: {self.process.stderr()[-800:]}")
        return len(self.pictures())


class Attack:
    """The state before an attack; goes_on() while it runs."""

    def __init__(self, scene):
        self.scene = scene
        self.began = time.monotonic()
        self.counts = [player.count() for player in scene.players]

    def frames(self):
        """The fewest pictures that a player has received since it began."""
        return min(player.count() - before for player, before in zip(self.scene.players, self.counts))

    def goes_on(self, frames=2 * FRAMES, seconds=harness.PATIENCE):
        """For `while`: True until the honest players have received `frames` pictures; Failed if they do not in time."""
        got = self.frames()
        harness.check(time.monotonic() - self.began < seconds, f"honest players received only {got} pictures in {seconds:g} s of the attack")
        return got < frames


class Scene:
    """A context manager. `ingest`, `relay`, `hls`: further options of the stages."""

    def __init__(self, t, *, ingest=(), relay=(), hls=()):
        self.t = t
        self.server = LiveServer(t, ingest_options=[*admin.OPTION, *ingest], relay_options=["--threads", "1", *admin.OPTION, *relay],
                                 hls_options=["--format", "fmp4", "--target", "1s", "--window", "200", *admin.OPTION, *hls])
        self.stages = self.server.stages
        self._late_lines = {}  # by stage: those that the attack before may still cause
        self.publisher = t.start([sys.executable, honest.__file__, "publish", self.server.publish(NAME),
                                  media.fixture("small.flv")])
        harness.until(lambda: "published" in self.publisher.stdout(), "the honest publisher to be accepted")
        self.players = [Player(t, self.server.rtmp(NAME)), Player(t, self.server.flv(NAME))]
        for player in self.players:
            harness.until(lambda p=player: p.count() >= 10, f"the first pictures at {player.url}")
        self.server.wait_segments(NAME, 1)

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self._close()

    def admin(self, stage):
        """The address of --admin of a stage, e.g. scene.admin(scene.server.relay)."""
        return admin.address(stage)

    @contextlib.contextmanager
    def attack(self, case, *, memory_mb=16, lines=3, line_bytes=512, frames=FRAMES):
        """frames: how many pictures each player must receive between its start and shortly after its end."""
        sizes = [os.path.getsize(stage.stderr_path) for stage in self.stages]
        sequence = self._media_sequence()
        memory = Memory(self.stages)
        attack = Attack(self)
        yield attack
        self._alive(case)
        harness.until(lambda: attack.frames() >= frames, f"honest players to get {frames} pictures ({case})")
        harness.until(lambda: self._media_sequence() > sequence, f"the next segment ({case})")
        grown = memory.grown_mb()
        said = [_lines_since(stage, size) for stage, size in zip(self.stages, sizes)]
        gaps = [gap for player in self.players for gap in _gaps(player.pictures())]
        _print_row(case, grown, said, self.players, attack.counts, gaps)
        harness.check(not gaps, f"{case}: honest players lost pictures: {gaps[:5]}")
        for stage, mb in zip(self.stages, grown):
            harness.check(mb <= memory_mb * MEMORY_FACTOR,
                          f"{case}: {stage.name} grew by {mb:.1f} MiB; at most {memory_mb * MEMORY_FACTOR:g} are allowed")
        self._check_lines(case, said, lines * math.ceil((time.monotonic() - attack.began) / 30), line_bytes)

    def _check_lines(self, case, said, most, line_bytes):
        for stage, lines in zip(self.stages, said):
            harness.check(len(lines) <= most + self._late_lines.get(stage, 0),
                          f"{case}: {stage.name} logged {len(lines)} lines; {most} are allowed:\n" + "\n".join(lines[:8]))
            longest = max(map(len, lines), default=0)
            harness.check(longest <= line_bytes, f"{case}: {stage.name} logged a line of {longest} bytes")
            self._late_lines[stage] = max(0, most - len(lines))

    def _alive(self, case):
        for stage in self.stages:
            harness.check(stage.alive(), f"{case}: {stage.name} ended with {stage.returncode}: {stage.stderr()[-1500:]}")
        check_sanitizers(self.stages)
        harness.check(self.publisher.alive(), f"{case}: the honest publisher ended: {self.publisher.stderr()[-800:]}")

    def _media_sequence(self):
        """The number of the next segment."""
        text = self.server.playlist(NAME)
        first = re.search(r"#EXT-X-MEDIA-SEQUENCE:(\d+)", text)
        return (int(first[1]) if first else 0) + text.count("#EXTINF")

    def _hls_numbers(self):
        found = []
        for path in sorted(glob.glob(f"{self.server.www}/{NAME}/*.m4s"), key=lambda p: int(re.search(r"(\d+)\.m4s", p)[1])):
            with open(path, "rb") as f:
                found += honest.numbers(f.read())
        return found

    def _close(self):
        """Checks that all pictures are in the segments, and stops the server."""
        last = self.players[0].pictures()[-1][0]
        harness.until(lambda: self._hls_numbers()[-1:] >= [last], f"picture {last} in a segment", every=0.3)
        inside = self._hls_numbers()
        harness.equal(inside, list(range(inside[0], inside[0] + len(inside))), "numbers of the pictures in HLS segments")
        self._alive("at the end")
        self.server.stop()
        check_sanitizers(self.stages)


def _gaps(pictures):
    """Where numbers are missing: (before, after)."""
    return [(a, b) for (a, _), (b, _) in zip(pictures, pictures[1:]) if b != a + 1]


def _lines_since(stage, size):
    with open(stage.stderr_path, "rb") as f:
        f.seek(size)
        return f.read().decode(errors="replace").splitlines()


def _print_row(case, grown, said, players, counts, gaps):
    frames = [len(player.pictures()) - count for player, count in zip(players, counts)]
    silence = max(b - a for player, count in zip(players, counts)
                  for (_, a), (_, b) in zip(player.pictures()[max(0, count - 1):], player.pictures()[max(1, count):]))
    longest = max((len(line) for lines in said for line in lines), default=0)
    print(f"hostile-row | {case} | " + " / ".join(f"{mb:.1f}" for mb in grown) + " | " + " / ".join(str(len(lines)) for lines in said)
          + f" | {longest} | {' / '.join(map(str, frames))} | {len(gaps)} | {silence / 1000:.2f} |", flush=True)
