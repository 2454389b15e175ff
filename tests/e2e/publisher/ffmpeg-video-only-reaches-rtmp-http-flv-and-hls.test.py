"""A stream with video alone is a normal stream: players start, and are promised no audio."""

import harness
import one_track


def test(t):
    one_track.check(t, "video", "v", frames=45, flags="01")


harness.main(test)
