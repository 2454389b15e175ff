"""HTTP-FLV origins that send endless data, garbage, or a byte a second: their streams are lost, and nothing else."""

import gzip
import http.client
import itertools
import socketserver
import threading
import time
from urllib.parse import urlparse

from scene import harness
import flv
import media
from edge_scene import EdgeScene, crowd, dripping, forever
from memory import SANITIZED

OK = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n"


def tags(make):
    """A stream that begins properly, then tags of `make`, for ever."""
    yield OK + b"\r\n" + flv.HEADER
    yield from (tag_of(tag) for tag in START)
    for number in itertools.count():
        yield b"".join(make(number * 100 + i) for i in range(100))
        if SANITIZED:
            time.sleep(0.01)  # a sanitizer makes the edge twenty times slower, and not the origin


def tag_of(tag, time_ms=0):
    return flv.write_tag(tag.kind, time_ms, tag.body)


def chunked(size):
    yield OK + b"Transfer-Encoding: chunked\r\n\r\n" + size
    yield from forever(b"x" * 65536)


def metadata(number):
    return flv.write_tag(18, number, flv.amf("onMetaData") + flv.amf({"n": str(number), "text": "x" * 20_000}))


def jumping(number):
    return flv.write_tag(9, (number * 0x31415926) & 0xffffffff, KEY_FRAME)


START, KEY_FRAME = [], b""
FORMS = {
    "headers without end": lambda: itertools.chain([OK], forever(b"X-Filler: " + b"y" * 1000 + b"\r\n")),
    "one header without end": lambda: itertools.chain([OK + b"X: "], forever(b"y" * 65536)),
    "100 Continue without end": lambda: forever(b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "a header, a byte a second": lambda: dripping(OK + b"X: ", b"x"),
    "sent to itself without end": lambda: [b"HTTP/1.1 302 Found\r\nLocation: ?again\r\nContent-Length: 0\r\n\r\n"],
    "sent to a file": lambda: [b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"],
    "sent to gopher": lambda: [b"HTTP/1.1 302 Found\r\nLocation: gopher://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"],
    "a chunk of 2^64": lambda: chunked(b"ffffffffffffffff\r\n"),
    "a chunk size without end": lambda: itertools.chain([OK + b"Transfer-Encoding: chunked\r\n\r\n"], forever(b"1" * 65536)),
    "no FLV without end": lambda: itertools.chain([OK + b"\r\n"], forever(b"<html>" * 10_000)),
    "a body, a byte a second": lambda: dripping(OK + b"\r\n" + flv.HEADER, b"\x09"),
    "a gzip bomb": lambda: [OK + b"Content-Encoding: gzip\r\n\r\n" + BOMB],
    "a tag of 16 MiB, slowly": lambda: dripping(OK + b"\r\n" + flv.HEADER + b"\x09\xff\xff\xff" + bytes(7) + b"x" * 100_000, b"x"),
    "DataOffset 2^32-1": lambda: itertools.chain([OK + b"\r\nFLV\x01\x05\xff\xff\xff\xff"], forever(bytes(65536))),
    "metadata without end": lambda: tags(metadata),
    "empty tags without end": lambda: tags(lambda number: flv.write_tag(9, number, b"")),
    "sound of a byte without end": lambda: tags(lambda number: flv.write_tag(8, number, b"\xaf")),
    "pictures without end, at one time": lambda: tags(lambda number: flv.write_tag(9, 7, KEY_FRAME)),
    "times that jump": lambda: tags(jumping),
}
BOMB = gzip.compress(bytes(64 << 20))


class Origin(socketserver.ThreadingTCPServer):
    """Serves form number N as /live/N.flv, and nothing else."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        path = self.rfile.readline().split()[1].decode()
        while self.rfile.readline().strip():
            pass
        number = path.partition("?")[0].removeprefix("/live/").removesuffix(".flv")
        try:
            if not number.isdigit():
                self.wfile.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                return
            end = time.monotonic() + 20
            for piece in list(FORMS.values())[int(number)]():
                self.wfile.write(piece)
                if time.monotonic() > end:
                    return
        except OSError:
            pass


def player(edge, path):
    def work(_, stop):
        at = urlparse(edge.address("http"))
        while not stop.is_set():
            connection = http.client.HTTPConnection(at.hostname, at.port, timeout=1)
            try:
                connection.request("GET", path + "?wait=1s")
                answer = connection.getresponse()
                while not stop.is_set() and answer.read1(65536):
                    pass
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            stop.wait(0.2)
    return work


def test(t):
    global KEY_FRAME
    for tag in flv.tags_of_file(media.fixture("small.flv")):
        if tag.kind != flv.SCRIPT and not flv.is_media(tag):
            START.append(tag)
        elif flv.is_key_frame(tag) and not KEY_FRAME:
            KEY_FRAME = tag.body
    origin = Origin()
    with EdgeScene(t, "--origin-timeout", "2s", "--grace", "1s", "--linger", "1s", "--max-gop-bytes", "4M", origins=[origin.url]) as scene:
        for number, form in enumerate(FORMS):
            with scene.attack(f"HTTP origin: {form}", memory_mb=100, lines=24) as attack:
                with crowd(2, player(scene.edge, f"/live/{number}.flv")):
                    harness.until(lambda: not attack.goes_on(60), "honest pictures")


harness.main(test)
