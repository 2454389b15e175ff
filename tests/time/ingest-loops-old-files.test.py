"""srs-ingest --loop of a file whose times cross the bound, in its first turn or in its second: each turn follows the one before, with every
frame, a picture's time later."""

import os

import old_streams  # first, since it finds the others

import flv
import harness

FILE_MS = 6000


def loop(t, name, lead_ms):
    stream = old_streams.make(t, name, lead_ms=lead_ms)
    what = f"{name}, {lead_ms} ms before it"
    out = t.path(f"{name}-{lead_ms}.flv")
    ingest, reader = t.pipeline(["srs-ingest", "--loop", stream.path], ["head", "-c", str(3 * os.path.getsize(stream.path))], stdout=out)
    reader.succeeds()
    ingest.wait()
    tags = flv.tags_of_file(out)
    harness.check(sum(map(flv.is_media, tags)) > 2.5 * len(stream.frames), f"{what}: only {len(tags)} tags")
    got = old_streams.frames_of(tags)
    for kind in (flv.VIDEO, flv.AUDIO):
        source = [frame for frame in stream.frames if frame[0] == kind]
        seen = [frame for frame in got if frame[0] == kind]
        harness.equal([frame[2] for frame in seen[:2 * len(source)]], [frame[2] for frame in source] * 2, f"kind {kind} of {what}")
        # The first turn has the file's own times, and the others go on behind it.
        harness.equal(seen[:len(source)], source, f"times of kind {kind} of {what}")
        steps = [((b[1] - a[1]) % old_streams.WRAP, a[1]) for a, b in zip(seen, seen[1:])]
        harness.check(max(steps)[0] < 150, f"{what}: kind {kind} steps by {max(steps)}")
        turns = [((b[1] - a[1]) % old_streams.WRAP) for a, b in zip(source, seen[len(source):])]
        harness.check(FILE_MS - 100 < min(turns) and max(turns) < FILE_MS + 100, f"{what}: the second turn is {min(turns)} to {max(turns)} ms later")
    first = len(old_streams.discontinuities(tags[:len(stream.tags)]))
    harness.equal(first, 0, f"discontinuities of the first turn of {what}")


def test(t, name):
    for lead_ms in (old_streams.LEAD_MS, FILE_MS + old_streams.LEAD_MS):
        loop(t, name, lead_ms)


old_streams.main(test, old_streams.RTMP_TIMES[:3])
