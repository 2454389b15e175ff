"""srs-relay --accept-publish: publishers come straight to it, beside stdin or without any, and go on to its stdout, too."""

import os

import flv
import harness
import media
import rtmp
from players import streams


def test(t):
    relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0", "--no-stdin",
                     "--accept-publish", "--grace", "1s", "--pass"], stdout=t.path("pipe.flv"))
    url = relay.address("rtmp") + "/live/a"
    publisher = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    streams.ffmpeg_play(t, url, 25)
    streams.ffmpeg_play(t, relay.address("http") + "/live/a.flv", 25)
    with rtmp.Client(url) as second:
        harness.equal(second.publish(), "NetStream.Publish.BadName", "the answer to a second publisher")
    publisher.end()
    relay.wait_line(r"live/a: ended")
    harness.check(relay.alive(), "the relay ended with its only publisher")
    harness.equal(relay.stop(), 0, "exit status")
    tags = flv.tags_of_file(t.path("pipe.flv"))
    flv.check_monotonic(tags, "stdout")
    events = [flv.script(tag)[1] for tag in tags if tag.kind == flv.SCRIPT and flv.script(tag)[0] == "onStream"]
    harness.equal([(e["path"], e["event"]) for e in events], [("live/a", "begin"), ("live/a", "end")], "events on stdout")

    # Both at once: stdin ends, the publisher's stream does not.
    relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--accept-publish"], stdin=media.fixture("h264_aac.flv"))
    publisher = streams.ffmpeg_publish(t, relay.address("rtmp") + "/live/b", media.fixture("long.flv"))
    relay.wait_line(r"live/stdin: ended")
    streams.ffmpeg_play(t, relay.address("rtmp") + "/live/b", 25)
    harness.equal(relay.stop(), 0, "exit status")

    # Without --accept-publish a publisher is refused.
    silent, _ = os.pipe()
    relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0"], stdin=silent)
    with rtmp.Client(relay.address("rtmp") + "/live/c") as client:
        harness.equal(client.publish(), "NetStream.Publish.Denied", "the answer of a relay that takes no publishers")


harness.main(test)
