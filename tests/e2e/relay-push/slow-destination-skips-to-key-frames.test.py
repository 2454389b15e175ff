"""A destination of --push that is too slow goes on at newer key frames; what it has is undamaged, and the skips are told."""

import signal

import edge
import flv
import harness
import media
import pushes


def test(t):
    slow = pushes.start_server(t)
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("heavy.flv")],
        ["srs-relay", "--stream", "live/a", "--listen", "http://127.0.0.1:0", "--max-lag", "1s",
         "--push", slow.address("rtmp") + "/{path}"])
    slow.wait_line("live/a: published by")
    source, copy = pushes.record(t, relay, "source.flv"), pushes.record(t, slow, "slow.flv")
    edge.wait_media(copy, 50, "media")
    slow.signal(signal.SIGSTOP)
    edge.wait_media(source, 600, "media while the destination is stopped")
    slow.signal(signal.SIGCONT)
    edge.wait_media(copy, 300, "media after that")
    relay.wait_line(r"live/a: push to \S+ is too slow: it skipped to a newer key frame [1-9]\d* times")

    there, here = ([tag for tag in flv.tags_of_file(file) if tag.kind == flv.VIDEO and flv.is_media(tag)] for file in (source, copy))
    place = {(tag.time, tag.body): i for i, tag in enumerate(there)}
    here = [tag for tag in here if there[0].time <= tag.time <= there[-1].time]
    damaged = [tag.time for tag in here if (tag.time, tag.body) not in place]
    harness.check(len(here) > 100 and not damaged, f"{len(here)} frames; damaged ones at {damaged[:5]}")
    places = [place[tag.time, tag.body] for tag in here]
    gaps = [tag for tag, i, before in zip(here[1:], places[1:], places) if i != before + 1]
    harness.check(gaps, "nothing was skipped")
    harness.check(all(map(flv.is_key_frame, gaps)), f"goes on without a key frame at one of {[tag.time for tag in gaps]} ms")
    harness.check(places == sorted(set(places)), "frames are out of order or twice")
    harness.check("players skipped" not in relay.stderr(), "the destination was counted as a player")
    ingest.signal(signal.SIGTERM)
    harness.equal(relay.wait(), 0, "exit status")
    harness.check("live/a: ended, 1 players" in relay.stderr(), "the destination was counted as a player")


harness.main(test)
