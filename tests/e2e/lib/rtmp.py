"""A small RTMP client that can be rude: odd names, half a dialogue, no reading at all.

Simple handshake, chunks of fmt 0 out, all forms in. Blocking, with a time-out on every wait.
"""

import os
import socket
import struct
from urllib.parse import urlparse

import flv
import harness


class Closed(Exception):
    """The server has closed the connection."""


class Client:
    def __init__(self, url, *, seconds=harness.PATIENCE, receive_buffer=None):
        parts = urlparse(url)
        self.url = url
        self.app, _, self.name = parts.path.lstrip("/").partition("/")
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # its commands are many small writes
        self.socket.settimeout(seconds)
        self.socket.connect((parts.hostname, parts.port))
        self._chunk_size_in = 128
        self._partial = {}  # chunk stream -> [time, length, type, bytes so far]
        self._extended = set()  # chunk streams whose newest header had an extended timestamp

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def handshake(self):
        self.socket.sendall(b"\x03" + bytes(8) + os.urandom(1528))
        self._read(1 + 1536)
        self.socket.sendall(self._read(1536))
        return self

    def send(self, kind, body, *, stream=0, chunk_stream=3, time=0):
        header = bytes([chunk_stream]) + time.to_bytes(3, "big") + len(body).to_bytes(3, "big") + bytes([kind])
        header += struct.pack("<I", stream)
        pieces = [body[i:i + 128] for i in range(0, len(body), 128)] or [b""]
        self.socket.sendall(header + bytes([0xC0 | chunk_stream]).join(pieces))

    def command(self, name, *values, stream=0):
        self.send(20, flv.amf(name) + b"".join(flv.amf(value) for value in values), stream=stream)

    def receive(self):
        """The next message: (type, time, body)."""
        while True:
            first = self._read(1)[0]
            form, chunk_stream = first >> 6, first & 63
            if chunk_stream == 0:
                chunk_stream = 64 + self._read(1)[0]
            elif chunk_stream == 1:
                chunk_stream = 64 + int.from_bytes(self._read(2), "little")
            time, length, kind, body = self._partial.get(chunk_stream, [0, 0, 0, b""])
            if form < 3:
                delta = int.from_bytes(self._read(3), "big")
                if form < 2:
                    length, kind = int.from_bytes(self._read(3), "big"), self._read(1)[0]
                if form == 0:
                    self._read(4)
                (self._extended.add if delta == 0xffffff else self._extended.discard)(chunk_stream)
                delta = int.from_bytes(self._read(4), "big") if delta == 0xffffff else delta
                time = delta if form == 0 else (time + delta) & 0xffffffff
            elif chunk_stream in self._extended:
                again = int.from_bytes(self._read(4), "big")
                harness.check(again == time, f"{self.url}: a chunk goes on with the time {again}, and not {time}")
            body += self._read(min(self._chunk_size_in, length - len(body)))
            whole = len(body) == length
            self._partial[chunk_stream] = [time, length, kind, b"" if whole else body]
            if whole:
                if kind == 1:
                    self._chunk_size_in = int.from_bytes(body, "big")
                return kind, time, body

    def tags(self):
        """What of the messages to come is sound, picture or metadata, as tags, until the connection is closed."""
        try:
            while True:
                kind, time, body = self.receive()
                if kind in (flv.AUDIO, flv.VIDEO, flv.SCRIPT):
                    yield flv.Tag(kind, time, 0, body)
        except Closed:
            pass

    def wait_command(self, *names):
        """The AMF values of the next command of one of these names."""
        while True:
            kind, _, body = self.receive()
            if kind == 20:
                values = flv.amf_values(body)
                if values[0] in names:
                    return values

    def wait_status(self):
        return self.wait_command("onStatus")[3]["code"]

    def connect(self, **more):
        """more: further properties of the connect object."""
        self.handshake()
        at = urlparse(self.url)
        self.command("connect", 1, {"app": self.app, "type": "nonprivate", "tcUrl": f"rtmp://{at.netloc}/{self.app}", **more})
        self.wait_command("_result")
        self.command("createStream", 2, None)
        self.wait_command("_result")
        return self

    def publish(self, name=None):
        """Asks to publish; the code of the answer."""
        self.connect()
        self.command("publish", 3, None, self.name if name is None else name, "live", stream=1)
        return self.wait_status()

    def play(self, name=None, **more):
        """Asks to play; the first code that is not Reset."""
        self.connect(**more)
        self.ask_to_play(name)
        code = self.wait_status()
        return self.wait_status() if code == "NetStream.Play.Reset" else code

    def ask_to_play(self, name=None):
        self.command("play", 3, None, self.name if name is None else name, -2, stream=1)

    def send_tag(self, tag):
        self.send(tag.kind, tag.body, stream=1, chunk_stream={8: 4, 9: 6}.get(tag.kind, 5), time=tag.time)

    def wait_close(self):
        """Until the server closes (or resets) the connection; Failed if it does not."""
        try:
            while self.socket.recv(65536):
                pass
        except ConnectionError:
            pass
        except socket.timeout:
            raise harness.Failed(f"{self.url}: the connection is still open") from None

    def _read(self, size):
        data = b""
        while len(data) < size:
            try:
                piece = self.socket.recv(size - len(data))
            except socket.timeout:
                raise harness.Failed(f"{self.url}: no answer in {self.socket.gettimeout()} s") from None
            except ConnectionError as error:
                raise Closed(str(error)) from None
            if not piece:
                raise Closed("end of stream")
            data += piece
        return data
