"""--forward-query takes tokens to the origin, not our own words; relays that fetch from each other do not go around in circles."""

import http.server
import threading

import edge
import harness
import media


def forwards(t):
    asked = []
    with open(media.fixture("h264_aac.flv"), "rb") as f:
        flv = f.read()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append((self.path, self.headers.get("Via", "")))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(flv)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    relay = edge.start_edge(t, "--origin", f"http://127.0.0.1:{server.server_port}/{{path}}/index.flv?own=1", "--forward-query",
                            "--node", "edge7", "--grace", "1s")
    player, path = edge.record(t, relay.address("http") + "/live/cam.flv?token=a%20b&annotations=1", "forward.flv")
    edge.wait_media(path, 20, "media")
    server.shutdown()
    harness.equal(asked[0], ("/live/cam/index.flv?own=1&token=a%20b&annotations=1&wait=0", "1.1 edge7"), "what the origin was asked")
    player.end()


def loops(t):
    ports = [harness.free_port(), harness.free_port()]
    relays = [t.start(["srs-relay", "--listen", f"rtmp://127.0.0.1:{mine}", "--listen", "http://127.0.0.1:0",
                       "--origin", f"rtmp://127.0.0.1:{other}"])
              for mine, other in (ports, reversed(ports))]
    for relay in relays:
        answer = t.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "20",
                        relay.address("http") + "/live/cam.flv?wait=0"], seconds=25)
        harness.equal(answer.stdout(), "404", "status of a stream that two relays fetch from each other")

    # A stream that came from us is not taken back, also when our own origin is gone.
    origin = edge.Origin(t)
    first = edge.start_edge(t, "--grace", "3s", "--node", "first", "--origin", origin.rtmp, "--origin",
                            f"rtmp://127.0.0.1:{ports[0]}")
    relays[0].end()
    second = t.start(["srs-relay", "--grace", "3s", "--listen", f"rtmp://127.0.0.1:{ports[0]}", "--listen", "http://127.0.0.1:0",
                      "--origin", first.address("rtmp"), "--node", "second"])
    player, path = edge.record(t, second.address("http") + "/live/cam.flv", "loop.flv")
    edge.wait_media(path, 30, "media through two relays")
    origin.kill()
    player.wait(30)
    harness.check("has it from us" in first.stderr() or "comes from origin rtmp://127.0.0.1:%d" % ports[0] not in first.stderr(),
                  f"it fetched its own stream:\n{first.stderr()}")


def test(t):
    forwards(t)
    loops(t)


harness.main(test)
