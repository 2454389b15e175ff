"""A publisher at an edge that fetches the same stream takes it over: it is not locked out by what it wants to replace."""

import edge
import flv
import harness
import media
from players import streams


def test(t):
    origin = edge.Origin(t)
    relay = edge.start_edge(t, "--accept-publish", "--origin", origin.rtmp)
    url = relay.address("http") + "/live/cam.flv"
    first, path = edge.record(t, url, "first.flv")
    edge.wait_media(path, 30, "media of the origin")
    harness.check("comes from origin" in relay.stderr(), "it was not fetched")

    publisher = streams.ffmpeg_publish(t, relay.address("rtmp") + "/live/cam", media.fixture("video_only.flv"))
    relay.wait_line(r"a publisher is here: no longer fetched")
    first.succeeds(20)
    second, path = edge.record(t, url, "second.flv")
    edge.wait_media(path, 30, "media of the publisher")
    harness.check(publisher.alive(), "the publisher was refused")
    kinds = {tag.kind for tag in flv.tags_of_file(path) if flv.is_media(tag)}
    harness.equal(kinds, {flv.VIDEO}, "what the publisher sends")


harness.main(test)
