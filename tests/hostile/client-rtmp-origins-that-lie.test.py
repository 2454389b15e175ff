"""RTMP origins that never finish, flood, or lie about sizes and times: their streams are lost, and nothing else."""

import itertools
import socketserver
import struct
import threading
import time

from scene import harness
import flv
import media
from chunks import chunk, command, ping, set_chunk_size
from edge_scene import EdgeScene, crowd, dripping, forever

import rtmp

ANSWERS = command("_result", 1, {"fmsVer": "FMS/3,5"}, {"level": "status", "code": "NetConnection.Connect.Success"})
STREAM = command("_result", 2, None, 1)
STARTED = command("onStatus", 0, None, {"level": "status", "code": "NetStream.Play.Start"}, stream=1)
BEGINNING = ANSWERS + STREAM + STARTED


def then(beginning, make):
    yield beginning
    for number in itertools.count():
        yield b"".join(make(number * 50 + i) for i in range(50))


def metadata(number):
    return chunk(18, flv.amf("onMetaData") + flv.amf({"n": str(number), "text": "x" * 20_000}), chunk_stream=5, stream=1)


def picture(number, time_ms):
    return chunk(9, KEY_FRAME[:2000], chunk_stream=6, stream=1, time=time_ms & 0xffffffff)


KEY_FRAME = b""
STATUS = command("onStatus", 0, None, {"level": "status", "code": "NetStream.Odd", "description": "x" * 1000}, stream=1)
FORMS = {  # after the handshake
    "nothing": lambda: dripping(b"", b""),
    "a byte a second": lambda: dripping(b""),
    "commands without end": lambda: forever(STATUS * 50),
    "unknown commands after the start": lambda: itertools.chain([BEGINNING], forever(command("odd", 7, None, "x" * 5000) * 20)),
    "pings without end": lambda: itertools.chain([BEGINNING], forever(ping() * 1000)),
    "metadata without end": lambda: then(BEGINNING, metadata),
    "media before the start": lambda: then(ANSWERS + STREAM, lambda n: picture(n, n)),
    "media before anything": lambda: then(b"", lambda n: picture(n, n)),
    "times that jump": lambda: then(BEGINNING, lambda n: picture(n, n * 0x31415926)),
    "times that stand still": lambda: then(BEGINNING, lambda n: picture(n, 7)),
    "sound of a byte without end": lambda: then(BEGINNING, lambda n: chunk(8, b"\xaf", chunk_stream=4, stream=1, time=n)),
    "a message of 16 MiB, unfinished": lambda: dripping(
        BEGINNING + set_chunk_size(0x7fffffff) + chunk(9, b"x" * 200_000, length=0xffffff, size=0x7fffffff, chunk_stream=6, stream=1)),
    "unfinished messages on every chunk stream": lambda: [BEGINNING] + [
        chunk(9, b"x" * 128, length=0xffffff, chunk_stream=number, stream=1) for number in range(3, 63)],
    "AMF in AMF": lambda: [ANSWERS, chunk(20, flv.amf("_result") + flv.amf(2) + b"\x03\x00\x01a" * 100_000)],
    "sent elsewhere without end": lambda: [command("_error", 1, None, {
        "level": "error", "code": "NetConnection.Connect.Rejected", "ex": {"code": 302, "redirect": URL[0] + "/live"}})],
    "sent to HTTP": lambda: [command("_error", 1, None, {
        "level": "error", "code": "NetConnection.Connect.Rejected", "ex": {"code": 302, "redirect": "http://127.0.0.1:1/"}})],
    "chunk size 0": lambda: [set_chunk_size(0)],
    "a window of 1 byte": lambda: then(chunk(5, struct.pack(">I", 1), chunk_stream=2) + BEGINNING, lambda n: picture(n, n * 40)),
    "leave, leave, leave": lambda: itertools.chain([BEGINNING], forever(command(
        "onStatus", 0, None, {"level": "status", "code": "NetConnection.Connect.ReconnectRequest", "tcUrl": "rtmp://x/" + "y" * 1000}) * 50)),
}
URL = []


class Origin(socketserver.ThreadingTCPServer):
    """Sends what the current form contains, whatever the request, without reading."""

    allow_reuse_address = daemon_threads = True
    form = ""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        URL.append(f"rtmp://127.0.0.1:{self.server_address[1]}")
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        self.request.settimeout(10)
        try:
            if self.server.form == "half a handshake":
                for byte in dripping(b"\x03" + bytes(700)):
                    self.request.sendall(byte)
            if self.server.form == "no handshake":
                for _ in range(1000):
                    self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 100)
                return
            self._read(1537)
            self.request.sendall(b"\x03" + bytes(1536) + bytes(1536))
            threading.Thread(target=self._swallow, daemon=True).start()
            end = time.monotonic() + 20
            for piece in FORMS[self.server.form]():
                self.request.sendall(piece)
                if time.monotonic() > end:
                    return
            time.sleep(5)
        except OSError:
            pass

    def _read(self, size):
        while size > 0:
            size -= len(self.request.recv(size)) or size

    def _swallow(self):
        try:
            while self.request.recv(65536):
                pass
        except OSError:
            pass


def player(edge, name):
    def work(_, stop):
        while not stop.is_set():
            with rtmp.Client(f"{edge.address('rtmp')}/live/{name}", seconds=1) as client:
                try:
                    client.play(name + "?wait=1s")
                    while not stop.is_set() and client.socket.recv(65536):
                        pass
                except (OSError, harness.Failed, rtmp.Closed):
                    pass
            stop.wait(0.2)
    return work


def test(t):
    global KEY_FRAME
    KEY_FRAME = next(tag.body for tag in flv.tags_of_file(media.fixture("small.flv")) if flv.is_key_frame(tag))
    origin = Origin()
    origin.form = "nothing"
    with EdgeScene(t, "--origin-timeout", "2s", "--grace", "1s", "--linger", "1s", "--max-gop-bytes", "4M", origins=URL[:1]) as scene:
        for form in ["half a handshake", "no handshake", *FORMS]:
            origin.form = form
            with scene.attack(f"RTMP origin: {form}", memory_mb=48, lines=16) as attack:
                with crowd(2, player(scene.edge, "odd")):
                    harness.until(lambda: not attack.goes_on(60), "honest pictures")


harness.main(test)
