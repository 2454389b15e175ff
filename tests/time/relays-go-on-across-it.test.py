"""Edges that pull by RTMP and by HTTP-FLV, and a relay that is pushed to, go on with every frame across the crossing: also when the origin
dies behind it and another one takes over that has seen nothing older, and when the push was cut and is back."""

import old_streams  # first, since it finds the others

import edge
import flv
import harness
import pushes

ORIGIN = ["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"]


def test(t, name):
    stream = old_streams.make(t, name)
    into_first, (first,) = old_streams.pipe_into(t, ORIGIN)
    into_second, (second,) = old_streams.pipe_into(t, ORIGIN)
    far = pushes.start_server(t, "--grace", "30s")
    link = pushes.Link(int(far.address("rtmp").rsplit(":", 1)[1]))
    push = ["--push", f"rtmp://127.0.0.1:{link.port}/{{path}}"]
    edges = {scheme: edge.start_edge(t, "--origin", first.address(scheme), "--origin", second.address(scheme), *(push if scheme == "rtmp" else []))
             for scheme in ("rtmp", "http")}

    feed = old_streams.Feed(stream, into_first)
    feed.play(1200)
    heard = {}
    for scheme, relay in edges.items():
        url = relay.address("http") + "/live/x.flv?annotations=1"
        _, heard[scheme] = old_streams.curl(t, url, f"{name}-{scheme}.flv")
        harness.until(lambda path=heard[scheme]: flv.media_in(path), f"media through the edge, {scheme}")
    _, heard["push"] = old_streams.curl(t, far.address("http") + "/live/x.flv?annotations=1", f"{name}-push.flv")
    harness.until(lambda: flv.media_in(heard["push"]), "media that was pushed")
    players = {what: old_streams.RtmpPlayer(relay.address("rtmp") + "/live/x") for what, relay in [*edges.items(), ("push", far)]}
    harness.until(lambda: all(player.media_count() for player in players.values()), "RTMP players")

    feed.play(2000)  # the second origin begins with the key frame at the very time
    feed.add(into_second)
    feed.play(2600)
    link.cut()
    feed.play(3200)
    first.end()
    feed.play(5000)
    for what, path in heard.items():
        def seen(path=path):
            return any(stream.age(tag) > 4500 for tag in flv.tags_of_file(path) if old_streams.is_frame(tag))
        harness.until(seen, f"media behind the fail-over, {what}")
    feed.play()
    feed.end()

    last = {frame[0]: frame for frame in stream.frames}  # of each kind

    def ended(tags):
        return set(last.values()) <= set(old_streams.frames_of(tags[-20:]))
    for what, path in heard.items():
        harness.until(lambda path=path: ended(flv.tags_of_file(path)), f"the end of {path}")
        tags = flv.tags_of_file(path)
        harness.equal(old_streams.discontinuities(tags), [], f"discontinuities of {name} {what}")
        old_streams.check_frames(stream.frames, tags, f"{name} {what}")
    for what, player in players.items():
        harness.until(lambda player=player: ended(player.tags), f"the end of the player of {what}")
        old_streams.check_frames(stream.frames, player.tags, f"{name} RTMP player of {what}")
    # The origin ends with its input; a signal on top of it would meet it on its way out.
    harness.equal(second.wait(), 0, f"exit status: {second.stderr()}")
    for relay in [*edges.values(), far]:
        harness.equal(relay.stop(), 0, f"exit status: {relay.stderr()}")
    for process in t.processes:
        process.end()


old_streams.main(test)
