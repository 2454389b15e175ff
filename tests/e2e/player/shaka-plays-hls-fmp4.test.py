"""shaka-player in Chromium plays fMP4: plain, Low-Latency, and encrypted by SAMPLE-AES (cbcs) with a key of its own."""

import harness
import media
from hls import HlsServer
from players import browser


def test(t):
    file = media.fixture("long.flv")
    low_latency = {"streaming": {"lowLatencyMode": True}}
    for options, config in ((["--format", "fmp4", "--target", "1s"], {}), (["--low-latency", "--audio", "demuxed"], low_latency),
                            (["--format", "fmp4", "--target", "1s", "--encrypt", "sample-aes"], {})):
        server = HlsServer(t, file, *options)
        server.wait_segments(3, "video" if "demuxed" in options else "av")
        report = browser.play(t, "shaka", server.url(), frames=75, seconds=3, config=config)
        harness.equal((report["errors"], report["width"]), ([], 640), f"errors and width with {options}")
        harness.check(report["audioBytes"] > 0, f"no sound with {options}: {report}")
        server.stop()


harness.main(test)
