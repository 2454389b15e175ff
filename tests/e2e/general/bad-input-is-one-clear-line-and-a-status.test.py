"""Empty, foreign, cut-off and corrupt FLV on stdin: one line on stderr, a status other than 0, and whatever came whole is kept."""

import os
import re

import flv
import harness
import media

STAGES = {
    "srs-ingest": ["srs-ingest", "-"],
    "srs-relay": ["srs-relay", "--pass"],
    "srs-hls": ["srs-hls", "www"],
    "srs-probe": ["srs-probe", "--pass", "-"],
}


def present(name):
    return os.path.exists(os.path.join(harness.BIN, name))


def feed(t, name, data, status, what):
    """Runs a stage on these bytes until it ends by itself; the Process, and its stdout as bytes."""
    source, out = t.path("in.flv"), t.path("out.flv")
    with open(source, "wb") as f:
        f.write(data)
    os.makedirs(t.path("work"), exist_ok=True)
    stage = t.run(STAGES[name], seconds=10, stdin=source, stdout=out, cwd=t.path("work"))
    harness.equal(stage.returncode, status, f"exit status of {name} fed {what}; stderr {stage.stderr()!r}")
    with open(out, "rb") as f:
        return stage, f.read()


def fed_badly(t, name, data, what):
    """The one line of complaint, and the stdout, of a stage that must not be content with these bytes."""
    stage, out = feed(t, name, data, 1, what)
    said = [line for line in stage.stderr().splitlines() if ": error: " in line]
    harness.equal(len(said), 1, f"lines that {name} says about {what}: {stage.stderr()!r}")
    harness.check(said[0].startswith(name + ": "), f"{name} fed {what}: {said[0]!r}")
    return said[0], out


def passes_on(name):
    return name != "srs-hls"


def test(t):
    with open(media.fixture("h264_aac.flv"), "rb") as f:
        whole = f.read()
    offsets = flv.tag_offsets(whole)
    middle, last = offsets[len(offsets) // 2], offsets[-10]
    corrupt = bytearray(whole)
    corrupt[middle] = 0x77  # no such tag type
    in_middle, in_last = (sum(map(flv.is_media, flv.tags(whole[:at]))) for at in (middle, last))
    for name in filter(present, STAGES):
        fed_badly(t, name, b"", "nothing")
        fed_badly(t, name, os.urandom(100_000), "random bytes")
        fed_badly(t, name, b"#!/bin/sh\necho no\n", "a text")
        # What srs-ingest writes when nobody has published before it is stopped: fine for a stage, no report for srs-probe.
        feed(t, name, whole[:13], 1 if name == "srs-probe" else 0, "a header and no tag")
        _, out = fed_badly(t, name, whole[:last + 20], "a file cut off inside a tag")
        if passes_on(name):
            got = sum(map(flv.is_media, flv.tags(out)))
            harness.equal(got, in_last, f"media tags that {name} passed on of a cut-off file")
        line, out = fed_badly(t, name, bytes(corrupt), "a file with a corrupt tag")
        harness.check(re.search(rf"\b{middle}\b", line), f"{name} does not say byte {middle}: {line!r}")
        if passes_on(name):
            got = sum(map(flv.is_media, flv.tags(out)))
            # srs-probe passes bytes on as they come, more of them than it could read.
            enough = got >= in_middle if name == "srs-probe" else got == in_middle
            harness.check(enough, f"{name} passed on {got} media tags of the {in_middle} before byte {middle}")


harness.main(test)
