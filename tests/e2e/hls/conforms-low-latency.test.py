"""Low-Latency HLS, judged by the checker: parts, hints, blocking reload, reports, delta updates; sound with the picture, and apart."""

import harness
import media
from checker import Checker
from hls import HlsServer


def test(t):
    servers = [HlsServer(t, media.fixture("long.flv"), "--low-latency", "--part", "200ms", "--target", "1s", "--window", "12", *options)
               for options in ((), ("--audio", "demuxed"))]
    # Delta updates leave something out once a playlist is longer than six target durations.
    watching = [Checker(t, server.url(), 13) for server in servers]
    watching[0].conforms(segments=9, parts=50, hints=30, deltas=2, probes=15)
    watching[1].conforms(playlists=2, segments=18, parts=100, hints=60, deltas=4, probes=30)


harness.main(test)
