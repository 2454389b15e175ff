"""ffmpeg -listen, which serves one client once, as the origin of an edge: over RTMP and over HTTP-FLV, and the edge ends the stream
when ffmpeg is at its end and --grace is over."""

import edge
import flv
import harness
import media


def play(t, scheme, url_end):
    port = harness.free_port()
    origin = t.start(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "info", "-nostats", "-re", "-i", media.fixture("h264_aac.flv"),
                      "-t", "4", "-c", "copy", "-f", "flv", "-listen", "1", f"{scheme}://127.0.0.1:{port}/live/cam{url_end}"])
    harness.until(lambda: _listens(port), "ffmpeg to listen")
    relay = edge.start_edge(t, "--grace", "1s", "--wait", "5s", "--origin", f"{scheme}://127.0.0.1:{port}")
    player, recording = edge.record(t, relay.address("http") + "/live/cam.flv", scheme + ".flv")
    harness.equal(origin.wait(20), 0, f"{scheme}: exit status of ffmpeg: {origin.stderr()}")
    player.wait(20)
    tags = flv.tags_of_file(recording)
    flv.check_monotonic(tags, scheme)
    # ffmpeg ends with an "end of sequence" (type 2), which is no frame.
    pictures = [tag.time for tag in tags if tag.kind == flv.VIDEO and tag.body[1] == 1]
    harness.check(len(pictures) >= 99, f"{scheme}: only {len(pictures)} of 100 frames")
    steps = [b - a for a, b in zip(pictures, pictures[1:])]
    harness.check(38 <= min(steps) and max(steps) <= 42, f"{scheme}: irregular steps of the picture: {steps}")
    relay.end()


def _listens(port):
    """Whether somebody listens, without a connection: ffmpeg would take it for its client."""
    with open("/proc/net/tcp") as f:
        return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in f.readlines()[1:])


def test(t):
    play(t, "rtmp", "")
    play(t, "http", ".flv")


harness.main(test)
