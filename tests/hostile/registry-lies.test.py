"""A lying registry: hostile origins, our own address, thousands of origins, endless answers. Streams of real origins play on."""

import itertools
import json
import socket
import socketserver
import threading
import time
from urllib.parse import urlparse

from scene import harness
from edge_scene import EdgeScene, crowd


def bulk(text):
    data = text if isinstance(text, bytes) else text.encode()
    return b"$%d\r\n%s\r\n" % (len(data), data)


def array(*values):
    return b"*%d\r\n" % len(values) + b"".join(values)


def holder(*urls, node="liar", **more):
    return bulk(json.dumps({"node": node, "urls": list(urls), "since": 1, **more}))


def forever(head, piece):
    yield head
    end = time.monotonic() + 15
    while time.monotonic() < end:
        yield piece


OURSELVES = []
COUNT = itertools.count()
FORMS = {
    "ourselves": lambda: array(holder(*OURSELVES)),
    "nobody listens": lambda: array(*(holder(f"rtmp://127.0.0.1:1/{next(COUNT)}") for _ in range(4))),
    "others each time": lambda: array(*(holder(f"http://127.0.0.1:1/{'a' * 400}{next(COUNT)}") for _ in range(4))),
    "thousands": lambda: array(*(holder(f"http://127.0.0.1:1/{n}") for n in range(1000))),
    "more than there can be": lambda: b"*1000000000\r\n",
    "a value of 2 GB": lambda: forever(b"*1\r\n$2000000000\r\n", b"x" * 65536),
    "values without end": lambda: forever(b"*1024\r\n", bulk("x" * 4000)),
    "a byte a second": lambda: (time.sleep(1) or b"*" if n == 0 else b"1" for n in itertools.count()),
    "nested a hundred times": lambda: b"*1\r\n" * 100 + b":1\r\n",
    "numbers and nothing": lambda: array(b":7\r\n", b"$-1\r\n", b"+OK\r\n", b"*0\r\n"),
    "negative lengths": lambda: b"*-7\r\n",
    "no JSON": lambda: array(bulk("{"), bulk(b"\x00\xff\xfe"), bulk("[" * 4000)),
    "wrong types": lambda: array(bulk('{"node":1,"urls":"x","since":"y"}'), bulk('{"node":"a","urls":[1,null,{}]}'),
                                 holder("http://127.0.0.1:1/", since=-9e300), bulk('{"node":"a","urls":[]}')),
    "hostile URLs": lambda: array(holder("file:///etc/passwd", "http://127.0.0.1:1/../..", "rtmp://[::1", "\x1b[2J://x"),
                                  holder("http+srv://_http._tcp.invalid", "gopher://127.0.0.1/", "http://127.0.0.1:99999", "rtmp://"),
                                  holder("http://127.0.0.1:1/;weight=0", "http://x;metrics=file:///etc/passwd", "a" * 500, " ")),
    "odd names": lambda: array(holder("http://127.0.0.1:1", node="\x1b[31m\u202e\n" * 100), holder("http://127.0.0.1:1", node="")),
    "an error": lambda: b"-ERR " + b"x" * 100_000 + b"\r\n",
    "not Redis": lambda: b"HTTP/1.1 400 Bad Request\r\n\r\n" * 1000,
}


class Registry(socketserver.ThreadingTCPServer):
    """Answers PING with PONG, and everything else with the current form."""

    allow_reuse_address = daemon_threads = True
    form = "numbers and nothing"

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"redis://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        try:
            while (words := self._command()):
                answer = b"+PONG\r\n" if words[0] == b"PING" else FORMS[self.server.form]()
                for piece in [answer] if isinstance(answer, bytes) else answer:
                    self.wfile.write(piece)
        except (OSError, ValueError):
            pass

    def _command(self):
        line = self.rfile.readline()
        words = []
        for _ in range(int(line[1:]) if line else 0):
            size = int(self.rfile.readline()[1:])
            words.append(self.rfile.read(size + 2)[:-2])
        return words


def seeker(edge):
    """Requests absent streams."""
    at = urlparse(edge.address("http"))

    def work(number, stop):
        for turn in itertools.count():
            if stop.is_set():
                return
            with socket.create_connection((at.hostname, at.port), 5) as client:
                client.sendall(f"GET /live/none{number}-{turn}.flv?wait=0 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
                client.recv(4096)
    return work


def test(t):
    registry = Registry()
    with EdgeScene(t, "--registry", registry.url, "--origin-timeout", "1s") as scene:
        OURSELVES[:] = [scene.edge.address("http"), scene.edge.address("rtmp")]
        for form in FORMS:
            registry.form = form
            with scene.attack(f"registry: {form}", memory_mb=24, lines=16) as attack:
                with crowd(4, seeker(scene.edge)):
                    harness.until(lambda: not attack.goes_on(60), "honest pictures")


harness.main(test)
