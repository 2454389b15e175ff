"""A second publisher of a live name gets NetStream.Publish.BadName and harms nobody; --takeover kick lets it in."""

import flv
import harness
import media
import rtmp
from players import streams


def test(t):
    out = t.path("reject.flv")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"], stdout=out)
    url = ingest.address("rtmp") + "/live/cam"
    first = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    harness.until(lambda: flv.media_in(out) > 50, "media of the first publisher")
    with rtmp.Client(url) as second:
        harness.equal(second.publish(), "NetStream.Publish.BadName", "the answer to the second publisher")
    with rtmp.Client(url) as other:
        harness.equal(other.publish("other"), "NetStream.Publish.Start", "the answer to a publisher of another name")
    count = flv.media_in(out)
    harness.until(lambda: flv.media_in(out) > count + 50, "media to go on")
    harness.check(first.alive(), f"the first publisher was harmed: {first.stderr()}")
    flv.check_monotonic(flv.tags_of_file(out), "the pipe")
    harness.equal(ingest.stop(), 0, "exit status")

    out = t.path("kick.flv")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "--takeover", "kick"], stdout=out)
    url = ingest.address("rtmp") + "/live/cam"
    first = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    harness.until(lambda: flv.media_in(out) > 50, "media of the first publisher")
    second = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    first.wait()
    count = flv.media_in(out)
    harness.until(lambda: flv.media_in(out) > count + 50, "media of the second publisher")
    harness.check(second.alive(), f"the second publisher was not let in: {second.stderr()}")
    flv.check_monotonic(flv.tags_of_file(out), "the pipe after the takeover")
    harness.equal(ingest.stop(), 0, "exit status")


harness.main(test)
