"""Destinations of --push that are not there, are stopped, or are killed and come back: the others, the players and the input do not
notice; each is tried again and gets the stream once it can take it."""

import os
import signal

import crowd
import edge
import flv
import harness
import media
import pushes


def test(t):
    good, stopped, killed = (pushes.start_server(t, "--grace", "1s") for _ in range(3))
    killed_port = int(killed.address("rtmp").rsplit(":", 1)[1])
    absent = harness.free_port()
    targets = [server.address("rtmp") + "/{path}" for server in (good, stopped, killed)]
    targets.append(f"rtmp://127.0.0.1:{absent}/app/k3yk3yk3y")
    read_end, write_end = os.pipe()
    ingest = t.start(["srs-ingest", "--realtime", "--loop", media.fixture("heavy.flv")], stdout=write_end)
    os.close(write_end)
    relay = t.start(["srs-relay", "--stream", "live/a", "--listen", "http://127.0.0.1:0", "--stall-timeout", "2s", "--threads", "2",
                     *(word for url in targets for word in ("--push", url))], stdin=read_end)
    os.close(read_end)
    for server in (good, stopped, killed):
        server.wait_line("live/a: published by")
    source = pushes.record(t, relay, "source.flv")
    copy = pushes.record(t, good, "good.flv")
    edge.wait_media(copy, 50, "media at the good one")

    stopped.signal(signal.SIGSTOP)
    killed.end()
    relay.wait_line(rf"live/a: push to rtmp://127.0.0.1:{killed_port}/live/a: .*; trying again in")
    relay.wait_line(rf"live/a: push to rtmp://127.0.0.1:{absent}/app/\*\*\*: cannot connect .*refused; trying again in")
    relay.wait_line(r"live/a: push to \S+: it took nothing for 2s; trying again in")
    killed = pushes.start_server(t, port=killed_port)
    killed.wait_line("live/a: published by")
    stopped.signal(signal.SIGCONT)
    stopped.wait_line(r"live/a: published by \S+, goes on|live/a: ended\n(.*\n)*.*live/a: published by")
    for server, name in ((killed, "killed.flv"), (stopped, "stopped.flv")):
        edge.wait_media(pushes.record(t, server, name), 50, f"media at the one that was {name[:-4]}")

    for kind in (flv.AUDIO, flv.VIDEO):
        crowd.follows([tag.body for tag in flv.tags_of_file(media.fixture("heavy.flv")) if tag.kind == kind and flv.is_media(tag)],
                      [tag.body for tag in flv.tags_of_file(source) if tag.kind == kind and flv.is_media(tag)], "a player")
    pushes.check_same(source, copy, "the good destination")
    flv.check_monotonic(flv.tags_of_file(t.path("stopped.flv")), "the stopped one")
    harness.check("k3yk3yk3y" not in relay.stderr(), "the key is in the log")
    harness.check("slow" not in ingest.stderr(), f"the input was held up: {ingest.stderr()}")
    ingest.signal(signal.SIGTERM)
    harness.equal(relay.wait(), 0, "exit status")
    good.wait_line("live/a: publisher .* is gone: it stopped publishing")


harness.main(test)
