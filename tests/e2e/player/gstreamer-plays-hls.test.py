"""GStreamer's hlsdemux plays TS and fMP4 segments."""

import harness
import media
from hls import HlsServer
from players import streams


def test(t):
    for container in ("ts", "fmp4"):
        server = HlsServer(t, media.fixture("long.flv"), "--format", container, "--target", "1s")
        server.wait_segments(3)
        streams.gst_play_hls(t, server.url(), 50)
        server.stop()


harness.main(test)
