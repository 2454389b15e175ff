"""--reconnect: an RTMP or HTTP-FLV server goes away and comes back on its port; the pipe goes on, marked, its time monotonic."""

import signal

import flv
import harness
import media


def serve(t, scheme, port):
    stages = t.pipeline(["srs-ingest", "--realtime", "--loop", media.fixture("h264_aac.flv")],
                        ["srs-relay", "--stream", "live/x", "--listen", f"{scheme}://127.0.0.1:{port}"])
    stages[1].address(scheme)
    return stages


def goes_on(t, scheme, path):
    port, out = harness.free_port(), t.path(f"{scheme}.flv")
    first = serve(t, scheme, port)
    ingest = t.start(["srs-ingest", "--reconnect", "--annotations", f"{scheme}://127.0.0.1:{port}{path}"], stdout=out)
    harness.until(lambda: flv.media_in(out) > 50, f"media over {scheme}")
    for stage in first:
        stage.signal(signal.SIGKILL)
        stage.wait()
    before = flv.media_in(out)
    second = serve(t, scheme, port)
    harness.until(lambda: flv.media_in(out) > before + 50, f"media over {scheme} once the server is back")
    harness.equal(ingest.stop(), 0, "exit status")
    tags = flv.tags_of_file(out)
    flv.check_monotonic(tags, scheme)
    names = [flv.script(tag)[0] for tag in tags if tag.kind == flv.SCRIPT]
    harness.check("onDiscontinuity" in names, f"no onDiscontinuity over {scheme}: {names}")
    for stage in second:
        stage.end()


def test(t):
    goes_on(t, "rtmp", "/live/x")
    goes_on(t, "http", "/live/x.flv")
    # Without --reconnect the loss is the end, and a failure.
    port = harness.free_port()
    stages = serve(t, "rtmp", port)
    out = t.path("once.flv")
    ingest = t.start(["srs-ingest", f"rtmp://127.0.0.1:{port}/live/x"], stdout=out)
    harness.until(lambda: flv.media_in(out) > 50, "media")
    stages[1].signal(signal.SIGKILL)
    harness.equal(ingest.wait(), 1, f"exit status after the loss: {ingest.stderr()}")


harness.main(test)
