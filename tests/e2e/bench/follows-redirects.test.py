"""srs-bench goes where servers send it, over RTMP, HTTP-FLV and HLS: a few times, by the same protocol, and says why if it does not arrive."""

import http.server
import json
import threading

import edge
import harness
from live import LiveServer


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """Sends everybody to where the server's `places` say."""

    def do_GET(self):
        self.send_response(302)
        self.send_header("Location", self.server.places[self.path.strip("/").split("/")[0]] + self.path.partition("/live")[2])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def bench(t, *arguments):
    done = t.run(["srs-bench", "--json", "play", "-n", "3", "--for", "1s", *arguments])
    return json.loads(done.stdout())


def test(t):
    server = LiveServer(t, "test:?size=320x240", "--name", "live/test")
    origin = edge.Origin(t)
    relay = edge.start_edge(t, "--redirect", "--origin", origin.rtmp, "--origin", origin.http)
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{web.server_address[1]}"
    web.places = {"hls": server.hls("live/test").removesuffix("/test.m3u8"), "round": base + "/round/live", "here": "/here/live",
                  "tls": "https://127.0.0.1:1", "junk": "http://"}
    server.wait_segments("live/test", 2)
    for url in (relay.address("rtmp") + "/live/cam", relay.address("http") + "/live/cam.flv", base + "/hls/live/test.m3u8"):
        report = bench(t, url)
        harness.equal((report["clients"]["running"], report["failures"]), (3, {}), f"players of {url}, and what failed")
        harness.check(report["bytes"] > 10_000, f"{report['bytes']} bytes of {url}")
    for name, suffix, cause in (("round", ".flv", "more than five redirects"), ("here", ".flv", "more than five redirects"),
                                ("here", ".m3u8", "more than five redirects"), ("tls", ".flv", "does not follow"),
                                ("tls", ".m3u8", "does not follow"), ("junk", ".flv", "is no URL")):
        report = bench(t, f"{base}/{name}/live/x{suffix}")
        harness.equal(list(report["failures"].values()), [3], f"failures of {name}{suffix}")
        harness.check(cause in next(iter(report["failures"])), f"{name}{suffix} failed: {report['failures']}")
    # RTMP: two that send players to each other.
    ports = [harness.free_port(), harness.free_port()]
    for mine, other in (ports, ports[::-1]):
        t.start(["srs-relay", "--redirect", "--listen", f"rtmp://127.0.0.1:{mine}", "--origin", f"rtmp://127.0.0.1:{other}"]).wait_line("listening")
    report = bench(t, f"rtmp://127.0.0.1:{ports[0]}/live/x")
    harness.check("more than five redirects" in next(iter(report["failures"])), f"in circles: {report['failures']}")


harness.main(test)
