"""mpegts.js in Chromium plays HTTP-FLV from another origin: decoded frames advance."""

import harness
import media
from live import LiveServer
from players import browser, streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    report = browser.play(t, "mpegts", server.flv("live/cam"), frames=60, seconds=2)
    harness.equal((report["width"], report["errors"]), (640, []), "width and errors")
    harness.check(report["audioBytes"] > 0, f"no sound: {report}")
    server.stop()


harness.main(test)
