"""Clients that send requests byte by byte, two thousand at once without reading responses, or ambiguous ones."""

import time

from scene import Scene, harness
import crowds

SLOW = 250  # at each of two servers
AHEAD = 2000
CLOSE = "Connection: close"


def drips(scene, urls):
    """Request heads, a byte at a time: all are closed after ten seconds, whatever they send."""
    with scene.attack("500 requests, a byte at a time", memory_mb=16, lines=1):
        with crowds.crowd(urls[0], SLOW) as first, crowds.crowd(urls[1], SLOW) as second:
            clients = first + second
            head = crowds.request("/live/honest.flv", "X-Slow: " + "a" * 1000)
            for i, byte in enumerate(head):
                for client in clients:
                    try:
                        client.send(bytes([byte]))
                    except OSError:
                        pass
                if i % 4 == 3 and all(crowds.closed(client) for client in clients[::25]):
                    break
                time.sleep(0.2)
                harness.check(i < 400, "slow connections are never closed")
            harness.until(lambda: all(crowds.closed(client) for client in clients), "all that drip to be cut off")


def sends_ahead(scene, url, path, what):
    with scene.attack(f"{AHEAD:,} requests in one go, no answer read ({what})", memory_mb=8, lines=1) as attack:
        with crowds.connect(url) as client:
            client.setblocking(False)
            data = crowds.request(path) * AHEAD
            while data and attack.goes_on():
                try:
                    data = data[client.send(data):]
                except BlockingIOError:
                    time.sleep(0.05)
                except OSError:
                    break
    with scene.attack(f"{AHEAD:,} requests in one go, all answers read ({what})", memory_mb=8, lines=1):
        with crowds.connect(url) as client:
            statuses = crowds.answers(client, crowds.request(path) * (AHEAD // 4) + crowds.request(path, CLOSE))
            harness.equal(len(statuses), AHEAD // 4 + 1, f"answers of {what}")


def forms(scene, url):
    """A sample of tests/unit/http/request_framing_test.cpp, at the servers themselves."""
    smuggled = crowds.request("/smuggled", CLOSE)
    cases = [
        ("obs-fold", crowds.request("/", "X: a\r\n b"), [400]),
        ("TE+CL", crowds.request("/", "Content-Length: 4", "Transfer-Encoding: chunked") + b"0\r\n\r\n" + smuggled, [400]),
        ("two CL", crowds.request("/", "Content-Length: 0", "Content-Length: 5") + b"hello", [400]),
        ("bare CR", crowds.request("/", "X: a\rContent-Length: 5"), [400]),
        ("%00", crowds.request("/live/x%00.flv", CLOSE), [400]),
        ("20 KB of header", crowds.request("/", "X: " + "a" * 20_000), [431]),
        ("two Hosts", crowds.request("/", "Host: y"), [400]),
        ("expect", crowds.request("/none", "Content-Length: 5", "Expect: 100-continue", CLOSE) + b"hello", [404]),
    ]
    with scene.attack("HTTP forms that programs read differently", memory_mb=4, lines=1):
        for name, data, wanted in cases:
            with crowds.connect(url) as client:
                harness.equal(crowds.answers(client, data), wanted, f"{name}: answers of {url}")
        with crowds.connect(url) as client:
            client.sendall(crowds.request("/none", "Content-Length: 5", "Expect: 100-continue", CLOSE))
            received = client.recv(1024)
            harness.check(received.startswith(b"HTTP/1.1 100 "), f"a client that waits for 100 Continue receives {received}")
            harness.equal(crowds.answers(client, b"hello"), [404], "the answer behind 100 Continue")


def test(t):
    with Scene(t, relay=["--wait", "0"]) as scene:
        relay, hls = scene.server.relay.address("http"), scene.server.hls_stage.address("http")
        for url in relay, hls, scene.admin(scene.server.relay):
            forms(scene, url)
        sends_ahead(scene, relay, "/live/none.flv", "relay")
        sends_ahead(scene, hls, "/live/honest.m3u8", "hls")
        sends_ahead(scene, scene.admin(scene.server.relay), "/metrics", "admin")
        drips(scene, [relay, hls])


harness.main(test)
