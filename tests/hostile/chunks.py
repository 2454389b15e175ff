"""RTMP as an attacker writes it: chunks of any form, and a client that reports the server's reaction."""

import socket
import struct
import threading
import time

import flv
import harness
import rtmp

NULL = b"\x05"
END = b"\x00\x00\x09"  # of an object
PING = b"\x00\x06\x00\x00\x00\x01"
PONG = b"\x00\x07\x00\x00\x00\x01"


def chunk(kind, body, *, chunk_stream=3, stream=0, time=0, size=128, length=None):
    """A message of type `kind` in chunks of `size` bytes. `length`: in its header, if it is to lie."""
    extended = struct.pack(">I", time) if time >= 0xffffff else b""
    header = (bytes([chunk_stream]) + min(time, 0xffffff).to_bytes(3, "big") + (len(body) if length is None else length).to_bytes(3, "big")
              + bytes([kind]) + struct.pack("<I", stream) + extended)
    pieces = [body[i:i + size] for i in range(0, len(body), size)] or [b""]
    return header + (bytes([0xC0 | chunk_stream]) + extended).join(pieces)


def set_chunk_size(size):
    return chunk(1, struct.pack(">I", size), chunk_stream=2)


def ping():
    return chunk(4, PING, chunk_stream=2)


def command(name, *values, stream=0, size=128):
    """values: as for flv.amf, or encoded AMF as Raw."""
    body = flv.amf(name) + b"".join(v.data if isinstance(v, Raw) else flv.amf(v) for v in values)
    return chunk(20, body, stream=stream, size=size)


class Raw:
    """AMF that is encoded already."""

    def __init__(self, data):
        self.data = data


def connect(app="live", *, size=128, **more):
    return command("connect", 1, {"app": app, "type": "nonprivate", "tcUrl": f"rtmp://127.0.0.1/{app}", **more}, size=size)


def create_stream():
    return command("createStream", 2, None)


def publish(name):
    return command("publish", 3, None, name, "live", stream=1)


def play(name):
    return command("play", 3, None, name, -2000, stream=1)


class Peer(rtmp.Client):
    """A client whose sends may fail, and that reads any bytes."""

    _left = b""  # of the block being sent

    def try_send(self, data):
        """Sends the bytes; False if the server has closed the connection already."""
        try:
            self.socket.sendall(data)
            return True
        except ConnectionError:
            return False

    def send_some(self, block, seconds=0.2):
        """Sends `block` in a loop, for up to this time; the number of bytes sent. Raises ConnectionError once it is closed."""
        if not self._left:
            self._left = block
        self.socket.settimeout(seconds)
        try:
            sent = self.socket.send(self._left)
        except socket.timeout:
            return 0
        self._left = self._left[sent:]
        return sent

    def flood(self, block, attack):
        """Sends `block` in a loop until the attack is over or the server closes; yields the number of bytes sent so far."""
        sent = 0
        while attack.goes_on():
            try:
                sent += self.send_some(block)
            except ConnectionError:
                return
            yield sent

    def receive_for(self, seconds=0.5):
        """(bytes received in the next seconds, whether the server closed)."""
        return self._receive(seconds, None)

    def receive_until(self, text):
        """(bytes received up to this text, whether the server closed); without the text if it does not come in time."""
        return self._receive(harness.PATIENCE, text)

    def is_closed(self):
        """Whether the server closes; waits for that."""
        return self._receive(harness.PATIENCE, None)[1]

    def alive(self):
        """Whether the server still answers a ping. No message may be half sent."""
        return self.try_send(ping()) and PONG in self.receive_until(PONG)[0]

    def _receive(self, seconds, until):
        received, end = b"", time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and not (until and until in received):
            self.socket.settimeout(left)
            try:
                piece = self.socket.recv(1 << 16)
            except socket.timeout:
                break
            except ConnectionError:
                return received, True
            if not piece:
                return received, True
            received += piece
        self.socket.settimeout(harness.PATIENCE)
        return received, False


def publisher(url):
    """A Peer that is publishing."""
    peer = Peer(url)
    code = peer.publish()
    assert code == "NetStream.Publish.Start", code
    return peer


def player(url, receive_buffer=None):
    """A Peer that has asked to play and has read nothing since."""
    peer = Peer(url, receive_buffer=receive_buffer)
    peer.connect()
    peer.ask_to_play()
    return peer


# To be sent in a loop.
ACKNOWLEDGEMENTS = chunk(3, bytes(4), chunk_stream=2) + b"\xc2\x00\x00\x00\x00" * 13_000
PINGS = ping() * 4000
EMPTY = chunk(8, b"", chunk_stream=4, stream=1) + b"\xc4" * 60_000


def talks(peer, attack, block, what):
    """Sends the block in a loop and reads the answers, until the honest players have their pictures."""
    ended = threading.Event()

    def read():
        while not ended.is_set():
            received, closed = peer.receive_for(0.2)
            if closed:
                return

    peer.socket.settimeout(60)
    reader = threading.Thread(target=read)
    reader.start()
    sent = 0
    try:
        while attack.goes_on(frames=100):
            sent += peer.send_some(block)
    finally:
        ended.set()
        reader.join()
    harness.check(sent > 0, f"{what}: nothing was sent")
