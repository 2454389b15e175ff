"""Relays that push to each other: what comes back to where it was is refused and told on both sides; the stream itself is well."""

import harness
import media
import pushes
from players import streams


def test(t):
    port = harness.free_port()
    a = pushes.start_server(t, "--node", "node-a", "--push", f"rtmp://127.0.0.1:{port}/{{path}}")
    b = pushes.start_server(t, "--node", "node-b", "--push", a.address("rtmp") + "/{path}", port=port)
    streams.ffmpeg_publish(t, a.address("rtmp") + "/live/a", media.fixture("long.flv"))
    b.wait_line(r"live/a: push to \S+/live/a: NetStream.Publish.BadName: loop: this stream was here before; trying again in")
    a.wait_line(r"live/a: publisher \S+ refused: loop: this stream was here before")
    for server in (a, b):
        streams.ffmpeg_play(t, server.address("rtmp") + "/live/a", 25)
    for server in (a, b):
        harness.equal(server.stop(), 0, "exit status")
        harness.equal(server.stderr().count("live/a: begins"), 1, "streams that began")


harness.main(test)
