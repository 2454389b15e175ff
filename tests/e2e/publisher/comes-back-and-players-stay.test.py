"""A publisher that is killed and comes back goes on in the same stream; one that stays away ends it after --grace."""

import signal

import flv
import harness
import media
from players import streams


def test(t):
    pipe = t.path("pipe.flv")
    ingest, relay = t.pipeline(
        ["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "--grace", "3s"],
        ["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0", "--pass"], stdout=pipe)
    url = ingest.address("rtmp") + "/live/cam"
    first = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    players = [streams.ffmpeg_record(t, relay.address("rtmp") + "/live/cam", t.path("rtmp.flv")),
               streams.ffmpeg_record(t, relay.address("http") + "/live/cam.flv", t.path("http.flv"))]

    for name in ("rtmp.flv", "http.flv"):
        harness.until(lambda: flv.media_in(t.path(name)) > 30, f"{name} to grow")
    first.signal(signal.SIGKILL)
    first.wait()
    before = flv.media_in(pipe)
    second = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    harness.until(lambda: flv.media_in(pipe) > before + 100, "media of the second publisher")
    for player in players:
        harness.check(player.alive(), f"a player ended at the seam: {player.stderr()}")
    second.signal(signal.SIGKILL)
    for player in players:
        player.succeeds(20)
    harness.check(ingest.alive() and relay.alive(), "a stage ended with the stream")

    tags = flv.tags_of_file(pipe)
    flv.check_monotonic(tags, "the pipe")
    scripts = [flv.script(tag) for tag in tags if tag.kind == flv.SCRIPT]
    events = [value["event"] for name, value in scripts if name == "onStream"]
    harness.equal(events, ["begin", "end"], "the events of the stream")
    seams = [i for i, tag in enumerate(tags) if flv.is_discontinuity(tag)]
    harness.equal(len(seams), 1, "discontinuities")
    sides = [sum(map(flv.is_media, part)) for part in (tags[:seams[0]], tags[seams[0]:])]
    harness.check(min(sides) > 30, f"media before and after the seam: {sides}")
    for name in ("rtmp.flv", "http.flv"):
        flv.check_monotonic(flv.tags_of_file(t.path(name)), name)
        harness.check(flv.media_in(t.path(name)) > 130, f"{name} holds {flv.media_in(t.path(name))} frames only")


harness.main(test)
