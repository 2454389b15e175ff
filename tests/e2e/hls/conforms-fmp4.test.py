"""HLS in fragmented MP4, judged by the checker: sound with the picture, and apart."""

import harness
import media
from checker import Checker
from hls import HlsServer


def test(t):
    servers = [HlsServer(t, media.fixture("long.flv"), "--format", "fmp4", "--target", "1s", "--window", "6", *options)
               for options in ((), ("--audio", "demuxed"))]
    watching = [Checker(t, server.url(), 12) for server in servers]
    watching[0].conforms(segments=8, probes=10)
    watching[1].conforms(playlists=2, segments=16, probes=20)


harness.main(test)
