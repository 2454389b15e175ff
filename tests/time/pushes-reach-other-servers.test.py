"""What srs-relay pushes of an old stream reaches servers that are no relays whole and at its times: srs-ingest, FFmpeg that listens, and
nginx-rtmp where it is installed. A push whose connection is cut behind the crossing goes on there."""

import old_streams  # first, since it finds the others

import flv
import harness
import media
import nginx
import pushes
from players import streams


def test(t, name):
    stream = old_streams.make(t, name)
    pushed = t.path(f"{name}-pushed.flv")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "--grace", "30s"], stdout=pushed)
    link = pushes.Link(int(ingest.address("rtmp").rsplit(":", 1)[1]))
    port = harness.free_port()
    listener = t.start(media.framemd5_command(f"rtmp://127.0.0.1:{port}/live/x", before=["-listen", "1"]))
    targets = [f"rtmp://127.0.0.1:{link.port}/{{path}}", f"rtmp://127.0.0.1:{port}/{{path}}"]
    server = nginx.start(t) if nginx.program() else None
    if server:
        targets.append(server.rtmp.replace("/live", "/{path}"))
    options = [word for target in targets for word in ("--push", target)]
    feed, (relay,) = old_streams.feed(t, stream, ["srs-relay", "-v", "--stream", "live/x", "--listen", "http://127.0.0.1:0", *options], speed=2)
    relay.address("http")
    feed.play(1000)
    for target in targets:
        relay.wait_line(rf"live/x: push to \S*{target.split('/')[2].split(':')[1]}/live/x begins")
    recorded = t.path(f"{name}-nginx.flv")
    player = streams.ffmpeg_record(t, server.rtmp + "/x", recorded) if server else None
    harness.until(lambda: flv.media_in(pushed), "media at srs-ingest")
    feed.play(3000)
    link.cut()
    feed.play()
    feed.end()
    harness.equal(relay.wait(), 0, f"exit status: {relay.stderr()}")

    last = {frame[0]: frame for frame in stream.frames}  # of each kind
    harness.until(lambda: set(last.values()) <= set(old_streams.frames_of(flv.tags_of_file(pushed)[-20:])), "the end of what is pushed")
    harness.equal(ingest.stop(), 0, f"exit status: {ingest.stderr()}")
    tags = flv.tags_of_file(pushed)
    harness.equal(old_streams.discontinuities(tags), [], f"discontinuities of {pushed}")
    old_streams.check_frames(stream.frames, tags, pushed, from_age=0, start_ms=stream.start_ms)
    listener.succeeds()
    media.lossless(media.framemd5(old_streams.source(t)), media.parse_framemd5(listener.stdout()), head=10_000, tolerance=1, what="FFmpeg that listens")
    if player:
        player.wait(15)
        old = media.framemd5(old_streams.source(t))
        media.lossless(old, media.framemd5(recorded), head=10_000, tail=10_000, tolerance=1, what="a player at nginx")


old_streams.main(test, old_streams.RTMP_TIMES[:3])
