"""HLS in TS, judged by the checker: live with sound and picture, sound alone, and picture alone."""

import harness
import media
from checker import Checker
from hls import HlsServer


def test(t):
    servers = [HlsServer(t, media.fixture(file), "--format", "ts", "--target", "1s", "--window", "6")
               for file in ("long.flv", "audio_only.flv", "video_only.flv")]
    watching = [Checker(t, server.url(), 12) for server in servers]
    for checker in watching:
        checker.conforms(segments=8, probes=10)


harness.main(test)
