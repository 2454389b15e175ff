"""Stalled and slow players of a heavy stream do not hold up its publisher: what leaves through --pass is complete and in order."""

import os

import crowd
import flv
import harness
import media

STALLED = 15  # a protocol
SLOW = 5


def test(t):
    file = media.fixture("heavy.flv")
    read_end, write_end = os.pipe()
    relay = t.start(["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0", "--pass",
                     "--stall-timeout", "1m", "--wait", "1m"], stdin=read_end, stdout=t.path("passed.flv"))
    os.close(read_end)
    urls = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
    crowd_here = [crowd.ask(url) for url in urls for _ in range(STALLED)]
    slow = [crowd.Reader(urls[1], bytes_a_second=200_000, receive_buffer=crowd.SMALL_BUFFER) for _ in range(SLOW)]
    # All of them wait for the stream. If it waited for them, it would take minutes.
    ingest = t.start(["srs-ingest", "--realtime", file], stdout=write_end)
    os.close(write_end)

    harness.until(lambda: flv.media_in(t.path("passed.flv")) > 0, "the stream to begin")
    ingest.succeeds()
    harness.equal(relay.wait(), 0, "exit status")
    harness.check("dropping" not in ingest.stderr() + relay.stderr(), "something was dropped on the pipe")
    harness.check(all(reader.tags for reader in slow), "a slow player got nothing")
    harness.check("skipped" in relay.stderr(), f"nobody was too slow: this shows nothing:\n{relay.stderr()}")

    wanted = [tag[:2] + (tag.body,) for tag in flv.tags_of_file(file) if flv.is_media(tag)]
    passed = [tag[:2] + (tag.body,) for tag in flv.tags_of_file(t.path("passed.flv")) if flv.is_media(tag)]
    harness.equal(len(passed), len(wanted), "messages through --pass")
    harness.check(passed == wanted, "what left through --pass is not what went in")


harness.main(test)
