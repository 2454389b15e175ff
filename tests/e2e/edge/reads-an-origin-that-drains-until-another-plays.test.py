"""An origin that drains is read on while another one is tried that does not answer."""

import signal

import edge
import harness


def test(t):
    origin = edge.Origin(t, "--drain", "120s")
    hangs = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0"])
    relay = edge.start_edge(t, "--origin", origin.rtmp, "--origin", hangs.address("rtmp"), "--origin-timeout", "60s", "--grace", "60s")
    player, path = edge.record(t, relay.address("http") + "/live/cam.flv", "drain.flv")
    edge.wait_media(path, 25, "media")
    hangs.signal(signal.SIGSTOP)
    origin.relay.signal(signal.SIGTERM)
    relay.wait_line("asks us to go elsewhere")
    # The other one is being asked for a minute; meanwhile three seconds of media come from this one.
    edge.wait_media(path, 150, "media from the origin that drains")
    harness.check(player.alive(), "the player was cut off")
    odd = [step for step in edge.video_steps(path) if step[1] != 40]
    harness.equal(odd, [], "steps between pictures that are not 40 ms")
    hangs.signal(signal.SIGCONT)


harness.main(test)
