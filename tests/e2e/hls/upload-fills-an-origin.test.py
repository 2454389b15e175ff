"""--upload: an origin that knows nothing of HLS has a playlist that never names what is not there, whole files only, what ffmpeg and
hls.js play from it is the source, and what left the playlist is deleted. Who sends a wrong token is told, and mends it by SIGHUP."""

import os
import signal
import threading

import dav
import harness
import hls
import media
from players import browser


class Watch(threading.Thread):
    """Reads the media playlist again and again, and looks for everything that it names."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.missing, self.seen, self.stopped = url, [], 0, threading.Event()

    def run(self):
        while not self.stopped.wait(0.1):
            status, _, body = hls.get(f"{self.url}/av.m3u8")
            if status != 200:
                continue
            self.seen += 1
            for name in hls.segments(body.decode()):
                status, fields, _ = hls.get(f"{self.url}/{name}", method="HEAD")
                if status != 200 or int(fields["content-length"]) == 0:
                    self.missing.append((name, status))


def secret(t, token):
    path = t.path("headers")
    with open(path, "w") as f:
        f.write(f"Authorization: Bearer {token}\n")
    return path


def upload_all(t, origin):
    """A whole file, as fMP4: everything arrives before srs-hls ends."""
    source = media.fixture("long.flv")
    ingest, stage = t.pipeline(["srs-ingest", source], ["srs-hls", "--stream", "live/all", "--format", "fmp4", "--window", "100",
                                                        "--upload", origin.url, "--upload-header-file", secret(t, "good")])
    harness.equal((ingest.wait(60), stage.wait(60)), (0, 0), f"exit statuses:\n{stage.stderr()}")
    harness.equal(hls.contents(f"{origin.url}/live/all.m3u8"), hls.contents(source), "packets at the origin")
    puts = [path for path, _ in origin.requests("PUT")]
    order = [puts.index("/live/all/av.m3u8"), max(i for i, path in enumerate(puts) if path.endswith(".m3u8"))]
    harness.check(puts.index(next(p for p in puts if p.endswith(".mp4"))) < order[0], "the playlist came before its init section")
    harness.check(order[1] == len(puts) - 1, f"segments came behind the last playlist: {puts[-3:]}")


def test(t):
    origin = dav.Origin(t)
    upload_all(t, origin)

    ingest, stage = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
        ["srs-hls", "--stream", "live/cam", "--target", "1s", "--window", "4", "--upload", origin.url + "/", "--upload-header-file",
         secret(t, "stale")])
    stage.wait_line("403")
    harness.equal(origin.text("live/cam/av.m3u8"), "", "a playlist from who may not")
    secret(t, "good")
    os.kill(stage.pid, signal.SIGHUP)
    harness.until(lambda: "#EXTINF" in origin.text("live/cam/av.m3u8"), "the playlist at the origin", seconds=40)

    watch = Watch(f"{origin.url}/live/cam")
    watch.start()
    report = browser.play(t, "hls", f"{origin.url}/live/cam.m3u8", frames=100, seconds=5)
    harness.equal(report["errors"], [], "errors of hls.js")
    harness.until(lambda: origin.requests("DELETE"), "what left the playlist to be deleted", seconds=40)
    harness.equal([status for _, status in origin.requests("DELETE")][0], 204, "status of a DELETE")
    watch.stopped.set()
    watch.join()
    harness.equal(watch.missing, [], "what the playlist named and was not there")
    harness.check(watch.seen > 50, f"only {watch.seen} playlists")
    stage.stop()
    ingest.end()


harness.main(test)
