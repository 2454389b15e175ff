"""hls.js plays Low-Latency HLS by its parts, muxed and with sound apart, without a stall."""

import harness
import media
from hls import HlsServer
from players import browser


def test(t):
    for options in ([], ["--audio", "demuxed"]):
        server = HlsServer(t, media.fixture("long.flv"), "--low-latency", "--part", "200ms", *options)
        server.wait_segments(3, "video" if options else "av")
        report = browser.play(t, "hls", server.url(), frames=150, seconds=6)
        harness.equal((report["errors"], report["width"]), ([], 640), f"errors and width, {options}")
        harness.check(report["loaded"]["parts"] > 20, f"hls.js did not play by parts: {report}")
        harness.check(report["audioBytes"] > 0, f"no sound: {report}")
        server.stop()


harness.main(test)
