"""hls.js in Chromium plays HLS from another origin: decoded frames advance."""

import harness
import media
from live import LiveServer
from players import browser, streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    server.wait_segments("live/cam", 2)
    report = browser.play(t, "hls", server.hls("live/cam"), frames=60, seconds=2)
    harness.equal((report["width"], report["errors"]), (640, []), "width and errors")
    harness.check(report["audioBytes"] > 0, f"no sound: {report}")
    server.stop()


harness.main(test)
