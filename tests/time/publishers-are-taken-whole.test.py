"""What an encoder with an old clock publishes comes out of srs-ingest whole, at its own times, whichever way it writes them, and also if
it says 0 in its headers. One that is lost and comes back across the crossing makes one seam, and no frame goes back."""

import old_streams  # first, since it finds the others

import flv
import harness
from publisher import STYLES, Publisher


def publish(t, name, style, headers_at_zero):
    stream = old_streams.make(t, name, headers_at_zero=headers_at_zero)
    what = f"{name} {style.name}{', headers at 0' if headers_at_zero else ''}"
    out = t.path(f"{what}.flv")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "--grace", "0s"], stdout=out)
    encoder = Publisher(stream, ingest.address("rtmp") + "/live/x", style)
    encoder.play(speed=1000)
    encoder.end()
    ingest.wait_line("live/x: ended")
    harness.equal(ingest.stop(), 0, f"status of srs-ingest: {ingest.stderr()}")
    tags = flv.tags_of_file(out)
    harness.equal(old_streams.discontinuities(tags), [], f"discontinuities of {what}")
    old_streams.check_frames(stream.frames, tags, what, whole=True)


def come_back(t, name):
    """Lost a little before the crossing; the encoder's clock goes on meanwhile."""
    stream = old_streams.make(t, name)
    out = t.path(f"{name}-back.flv")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "--grace", "20s"], stdout=out)
    url = ingest.address("rtmp") + "/live/x"
    first = Publisher(stream, url, STYLES[0])
    first.play(1900, speed=1000)
    harness.until(lambda: flv.media_in(out) > 100, "media of the first")
    first.client.close()
    ingest.wait_line("live/x: publisher .* is gone")
    second = Publisher(stream, url, STYLES[0])
    second.skip_to(3000)
    second.play(speed=1000)
    second.end()
    wanted = [frame for frame in stream.frames if (frame[1] - stream.start_ms) % old_streams.WRAP >= 3000]
    harness.until(lambda: flv.media_in(out) >= 100 + len(wanted), "media of the second")
    ingest.wait_line("publisher .* is gone.*(\n.*)*publisher .* is gone")
    harness.equal(ingest.stop(), 0, f"status of srs-ingest: {ingest.stderr()}")
    tags = flv.tags_of_file(out)
    harness.equal(len(old_streams.discontinuities(tags)), 1, f"seams of {name}")
    seam = next(i for i, tag in enumerate(tags) if flv.is_discontinuity(tag))
    after = [tag for tag in tags[seam:] if old_streams.is_frame(tag)]
    # The new times: shifted all alike, and not before what was there.
    shift = (after[0].time - next(frame[1] for frame in wanted)) % old_streams.WRAP
    moved = [(kind, (at + shift) % old_streams.WRAP, body) for kind, at, body in wanted]
    before = [tag for tag in tags[:seam] if old_streams.is_frame(tag)]
    step = (after[0].time - max((tag.time - stream.start_ms) % old_streams.WRAP for tag in before) - stream.start_ms) % old_streams.WRAP
    harness.check(0 < step < 20_000, f"{name}: the new times begin {step} ms behind the old ones")
    pictures = [frame for frame in moved if frame[0] == flv.VIDEO]
    harness.equal([(tag.kind, tag.time, tag.body) for tag in after if tag.kind == flv.VIDEO], pictures, f"pictures of {name} behind the seam")


def test(t, name):
    for style in STYLES:
        publish(t, name, style, False)
    publish(t, name, STYLES[0], True)
    come_back(t, name)


old_streams.main(test, old_streams.RTMP_TIMES)
