"""A stream with audio alone is a normal stream: players start, and are promised no video."""

import harness
import one_track


def test(t):
    one_track.check(t, "audio", "a", frames=80, flags="04")


harness.main(test)
