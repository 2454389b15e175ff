"""An edge that takes publishers and pushes them to an origin: the origin has the same frames at the same times, goes on without a
seam when the connection was cut and is back, and uses the edge's clock. A publisher that comes back is one discontinuity, and an edge
that was killed and started anew is another."""

import collections

import edge
import flv
import harness
import media
import pushes
from players import streams


def scripts(file, name):
    return [tag for tag in flv.tags_of_file(file) if tag.kind == flv.SCRIPT and flv.script(tag)[0] == name]


def test(t):
    origin = pushes.start_server(t, "--grace", "20s")
    link = pushes.Link(int(origin.address("rtmp").rsplit(":", 1)[1]))
    arguments = ["--grace", "10s", "--push", f"rtmp://127.0.0.1:{link.port}/{{path}}"]
    near = pushes.start_server(t, *arguments)
    url = near.address("rtmp") + "/live/a"
    publisher = streams.ffmpeg_publish(t, url, media.fixture("long.flv"), loop=True)
    near.wait_line("live/a: push to .* begins")
    here = pushes.record(t, near, "edge.flv")
    there = pushes.record(t, origin, "origin.flv")
    edge.wait_media(there, 100, "media at the origin")

    for _ in range(2):
        link.cut()
        edge.wait_media(there, 150, "media at the origin, after the cut")
    harness.check("comes back" not in near.stderr() and ", goes on" in origin.stderr(), "the cut did not cut")
    pushes.check_same(here, there, "the origin")
    pushes.check_no_gap(there, "the origin")
    harness.equal(edge.discontinuities(there), 0, "discontinuities after cuts")
    clocks = {name: collections.Counter(tag.time for tag in scripts(name, "onClock")) for name in (here, there)}
    common = set(clocks[there]) & set(clocks[here])
    harness.check(len(common) >= 5 and set(clocks[there]) <= set(clocks[here]) and max(clocks[there].values()) == 1,
                  f"clocks at the edge {sorted(clocks[here])}, at the origin {sorted(clocks[there].elements())}")

    publisher.end()
    near.wait_line("live/a: publisher .* is gone")
    publisher = streams.ffmpeg_publish(t, url, media.fixture("long.flv"), loop=True)
    edge.wait_media(there, 100, "media of the publisher that is back")
    harness.equal(edge.discontinuities(there), 1, "discontinuities after the publisher came back")

    near.end()
    publisher.end()
    near = pushes.start_server(t, *arguments)
    streams.ffmpeg_publish(t, near.address("rtmp") + "/live/a", media.fixture("busy.flv"), loop=True)
    edge.wait_media(there, 100, "media of the new edge")
    harness.equal(edge.discontinuities(there), 2, "discontinuities after the edge was started anew")
    flv.check_monotonic(flv.tags_of_file(there), "the origin")
    harness.check(scripts(there, "onMetaData"), "no metadata at the origin")


harness.main(test)
