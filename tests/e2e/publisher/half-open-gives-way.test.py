"""A publisher that has been silent for 5 s gives its name up to the next one, a frozen ffmpeg as well as a mute socket."""

import signal

import flv
import harness
import media
import rtmp
from players import streams


def next_one_gets_in(t, url, out, what):
    """Publishes again and again, as encoders do, until it is let in."""
    before = flv.media_in(out)

    def asked():
        with rtmp.Client(url) as client:
            code = client.publish()
            harness.check(code in ("NetStream.Publish.Start", "NetStream.Publish.BadName"), f"{what}: {code}")
            return code == "NetStream.Publish.Start"
    harness.check(not asked(), f"{what}: gave way at once")
    harness.until(asked, f"{what} to give way", seconds=20, every=0.5)
    publisher = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
    harness.until(lambda: flv.media_in(out) > before + 50, f"media after {what}")
    publisher.end()


def test(t):
    out = t.path("pipe.flv")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"], stdout=out)
    mute_url, frozen_url = (f"{ingest.address('rtmp')}/live/{name}" for name in ("mute", "frozen"))
    mute = rtmp.Client(mute_url)
    harness.equal(mute.publish(), "NetStream.Publish.Start", "the answer to the mute publisher")
    frozen = streams.ffmpeg_publish(t, frozen_url, media.fixture("long.flv"))
    harness.until(lambda: flv.media_in(out) > 50, "media")
    frozen.signal(signal.SIGSTOP)
    next_one_gets_in(t, frozen_url, out, "the frozen ffmpeg")
    frozen.signal(signal.SIGCONT)
    # The mute one has been silent for longer still.
    with rtmp.Client(mute_url) as client:
        harness.equal(client.publish(), "NetStream.Publish.Start", "the answer after the mute publisher")
    mute.close()
    flv.check_monotonic(flv.tags_of_file(out), "the pipe")
    harness.equal(ingest.stop(), 0, "exit status")


harness.main(test)
