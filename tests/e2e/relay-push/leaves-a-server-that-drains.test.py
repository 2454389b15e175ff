"""A server that is about to end asks a push to connect again: the push leaves at once, so that the server need not wait for it, and goes
on where the server is started anew."""

import signal
import time

import edge
import harness
import media
import pushes
from players import streams


def test(t):
    port = harness.free_port()
    old = pushes.start_server(t, "--drain", "60s", port=port)
    near = pushes.start_server(t, "--push", f"rtmp://127.0.0.1:{port}/{{path}}")
    streams.ffmpeg_publish(t, near.address("rtmp") + "/live/a", media.fixture("long.flv"), loop=True)
    old.wait_line("live/a: published by")
    time.sleep(1.5)  # a connection that has stood for a second is given up without delay
    old.signal(signal.SIGTERM)
    near.wait_line("live/a: push to .*: the server asks to connect again")
    harness.equal(old.wait(20), 0, "exit status of the server that was asked to end")
    new = pushes.start_server(t, port=port)
    new.wait_line("live/a: published by")
    edge.wait_media(pushes.record(t, new, "new.flv"), 50, "media at the new server")
    harness.equal(near.stop(), 0, "exit status")


harness.main(test)
