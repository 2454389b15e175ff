"""tests/hls/check beside what it watches, and npm's hls-parser, in strict mode, as a second opinion on each playlist that came."""

import json
import os

import harness

CHECK = os.path.join(harness.SOURCE, "tests", "hls", "check")
PARSE = os.path.join(harness.SOURCE, "tests", "e2e", "lib", "players", "hls_parse.mjs")


class Checker:
    """Follows a presentation in the background; finish() waits for its verdict."""

    def __init__(self, t, url, seconds):
        self.t, self.seconds = t, seconds
        self.directory = t.path(f"recording-{len(t.processes)}")
        self.process = t.start(["python3", CHECK, url, "--for", str(seconds), "--json", "--save", self.directory])

    def finish(self):
        """What it found; the recording has been read by hls-parser then."""
        status = self.process.wait(self.seconds + harness.PATIENCE)
        harness.check(status in (0, 1), f"the checker could not check: {self.process.stderr()}")
        report = json.loads(self.process.stdout())
        self.counts, self.violations = report["counts"], report["violations"]
        harness.equal(status, int(any(one["must"] for one in self.violations)), "exit status of the checker")
        self.parse()
        return self

    def names(self):
        return {one["rule"] for one in self.violations}

    def lines(self, but=()):
        return [f"{one['rule']}: {one['where']}: {one['text']}" for one in self.violations if one["rule"] not in but]

    def conforms(self, *, but=(), **least):
        """Failed if a rule is broken that is not among `but`, warnings included. least: what it must have seen, such as segments=5."""
        self.finish()
        for what, number in least.items():
            harness.check(self.counts[what] >= number, f"the checker saw {self.counts[what]} {what}, {number} are wanted: {self.counts}")
        lines = self.lines(but)
        harness.check(not lines, "\n".join([f"{len(lines)} violations:", *lines[:30]]))
        return self

    def texts(self):
        """Each different playlist of the recording."""
        with open(os.path.join(self.directory, "index.json")) as f:
            index = json.load(f)["exchanges"]
        for one in index:
            if one["kind"] in ("multivariant", "playlist") and one["status"] == 200:
                with open(os.path.join(self.directory, one["body"])) as f:
                    yield f.read()

    def parse(self):
        path = os.path.join(self.directory, "playlists")
        with open(path, "w") as f:
            f.write("".join(dict.fromkeys(self.texts())))
        player = self.t.run(["node", PARSE], stdin=path)
        harness.equal(player.returncode, 0, f"hls-parser refuses a playlist:\n{player.stderr()}\nexit status")


def replayed(t, directory):
    """What the checker says of a recording: a Process."""
    return t.run(["python3", CHECK, "--replay", directory])
