"""VLC decodes pictures and sound from HLS with fMP4 segments."""

import harness
import media
from hls import HlsServer
from players import streams


def test(t):
    server = HlsServer(t, media.fixture("long.flv"), "--format", "fmp4", "--target", "1s")
    server.wait_segments(3)
    stats = streams.vlc_play(t, server.url(), 50)
    harness.check(stats["audio"] > 0, f"no sound: {stats}")
    server.stop()


harness.main(test)
