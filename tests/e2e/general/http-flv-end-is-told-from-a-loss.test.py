"""HTTP-FLV over HTTP/1.1: a stream that ended has its last chunk, one that was lost has not; clients of HTTP/1.0 get no chunks."""

import signal

import edge
import flv
import harness
import media

CUT_SHORT = 18  # of curl


def serve(t):
    """A relay of one stream: (the source, the relay)."""
    return t.pipeline(["srs-ingest", "--realtime", media.fixture("long.flv"), "--name", "live/cam"],
                      ["srs-relay", "--listen", "http://127.0.0.1:0"])


def play(t, relay, name, *options):
    path = t.path(name)
    curl = t.start(["curl", "-sS", *options, "-o", path, relay.address("http") + "/live/cam.flv"])
    edge.wait_media(path, 30, f"media of {name}")
    return curl, path


def test(t):
    source, relay = serve(t)
    curl, path = play(t, relay, "ended.flv")
    old, old_path = play(t, relay, "old.flv", "--http1.0")
    source.signal(signal.SIGTERM)
    curl.succeeds()
    old.succeeds()
    for recorded in (path, old_path):
        flv.check_monotonic(flv.tags_of_file(recorded), recorded)

    source, relay = serve(t)
    curl, path = play(t, relay, "lost.flv")
    source.signal(signal.SIGKILL)
    harness.equal(curl.wait(), CUT_SHORT, "exit status of curl when the source is lost")
    flv.check_monotonic(flv.tags_of_file(path), "what came before the loss")


harness.main(test)
