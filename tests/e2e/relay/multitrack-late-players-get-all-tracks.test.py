"""Multitrack video (Enhanced RTMP): who comes late gets each track's header, the HDR colours, and the key frames of the moment of all tracks."""

import flv
import harness
from paced_feed import Feed

COLOURS = b"\x94avc1\x02\x00\x09colorInfo\x03\x00\x00\x09"


def on_track(tag, track):
    """The same picture, or configuration, as one track of several."""
    packet_type = tag.body[1]
    first = 0x80 | (tag.body[0] & 0x70) | 6
    body = bytes([first, packet_type]) + b"avc1" + bytes([track]) + tag.body[2 if packet_type == 1 else 5:]
    return tag._replace(body=body)


def with_second_track(tag):
    """The second track's pictures come before the first one's."""
    if tag.kind != flv.VIDEO or tag.body[1] > 1:
        return [tag]
    if tag.body[1] == 0:
        return [on_track(tag, 1), tag, tag._replace(body=COLOURS)]
    return [on_track(tag, 1), tag]


def kind_of(tag):
    body = tag.body
    if tag.kind != flv.VIDEO:
        return None
    if body == COLOURS:
        return "colours"
    track = body[6] if body[0] & 0x80 else 0
    if body[1] == 0:
        return f"header {track}"
    return f"{'key' if body[0] >> 4 & 7 == 1 else 'picture'} {track}"


def play(t, relay, name):
    path = t.path(name)
    curl = t.start(["curl", "-sS", "-o", path, relay.address("http") + "/live/cam.flv"])
    harness.until(lambda: flv.media_in(path) > 50, "media")
    curl.end()
    return flv.tags_of_file(path)


def test(t):
    feed = Feed("long.flv", with_second_track)
    relay = t.start(["srs-relay", "--stream", "live/cam", "--listen", "http://127.0.0.1:0"], stdin=feed.stdin)
    feed.begin()
    for name in ("first.flv", "second.flv"):
        tags = play(t, relay, name)
        kinds = [kind for kind in map(kind_of, tags) if kind]
        harness.equal(kinds[:5], ["header 0", "header 1", "colours", "key 1", "key 0"], "what a player gets first")
        keys = {track: [tag for tag in tags if kind_of(tag) == f"key {track}"][0].time for track in (0, 1)}
        harness.equal(keys[0], keys[1], "times of the first key frames")
    feed.stop()
    harness.equal(relay.wait(10), 0, "exit status")


harness.main(test)
