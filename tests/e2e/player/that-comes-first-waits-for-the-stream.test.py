"""A player may ask before anybody publishes; when nobody does within --wait it is told so in its own protocol."""

import flv
import harness
import media
import rtmp
from players import streams


def test(t):
    relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
                     "--accept-publish", "--no-stdin", "--wait", "20s"])
    at = relay.address("rtmp"), relay.address("http")
    players = [streams.ffmpeg_record(t, at[0] + "/live/cam", t.path("rtmp.flv")),
               streams.ffmpeg_record(t, at[1] + "/live/cam.flv", t.path("http.flv"))]
    publisher = streams.ffmpeg_publish(t, at[0] + "/live/cam", media.fixture("long.flv"))
    for name in ("rtmp.flv", "http.flv"):
        harness.until(lambda: flv.media_in(t.path(name)) > 50, f"{name} to grow")
    publisher.end()
    for player in players:
        player.end()
    harness.equal(relay.stop(), 0, "exit status")

    relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
                     "--accept-publish", "--no-stdin", "--wait", "1s"])
    with rtmp.Client(relay.address("rtmp") + "/live/none") as player:
        harness.equal(player.play(), "NetStream.Play.StreamNotFound", "the answer to an RTMP player")
    curl = t.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", relay.address("http") + "/live/none.flv"])
    harness.equal(curl.stdout(), "404", "the answer to an HTTP player")
    ffmpeg = streams.ffmpeg_record(t, relay.address("http") + "/live/none.flv", t.path("none.flv"))
    harness.check(ffmpeg.wait() != 0 and "404" in ffmpeg.stderr(), f"ffmpeg says {ffmpeg.stderr()!r}")
    harness.equal(relay.stop(), 0, "exit status")


harness.main(test)
