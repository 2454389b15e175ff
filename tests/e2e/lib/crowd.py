"""Players that are not ours to trust: raw sockets that ask for a stream and then read nothing, little, or vanish.

They live in the test's process. Their receive buffers are small, so that the relay notices soon.
"""

import os
import re
import socket
import ssl
import struct
import threading
import time
from urllib.parse import urlparse

import flv
import harness
import rtmp

SMALL_BUFFER = 4096


def connect(url, receive_buffer=SMALL_BUFFER):
    """A connected socket that has said nothing; over TLS if the URL says so, whatever certificate it is shown."""
    at = urlparse(url)
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(harness.PATIENCE)
    client.connect((at.hostname, at.port))
    return ssl._create_unverified_context().wrap_socket(client) if at.scheme == "https" else client


def request_http(client, url):
    at = urlparse(url)
    target = at.path + ("?" + at.query if at.query else "")
    # Of HTTP/1.0, so that the body comes without chunks.
    client.sendall(f"GET {target} HTTP/1.0\r\nHost: {at.netloc}\r\n\r\n".encode())


def ask_http(url, receive_buffer=SMALL_BUFFER):
    """The socket of an HTTP-FLV player that has sent its request and read nothing."""
    client = connect(url, receive_buffer)
    request_http(client, url)
    return client


def ask_rtmp(url, receive_buffer=SMALL_BUFFER):
    """The rtmp.Client of an RTMP player that has sent its play command and not read the answer."""
    client = rtmp.Client(url, receive_buffer=receive_buffer).connect()
    query = urlparse(url).query
    client.ask_to_play(client.name + ("?" + query if query else ""))
    return client


def ask(url):
    """Either, by the URL's scheme; its socket."""
    return ask_rtmp(url).socket if url.startswith("rtmp:") else ask_http(url)


def reset(client):
    """Ends the connection with RST, whatever it has not read."""
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def sockets_of(process):
    """How many sockets a process has open."""
    folder, count = f"/proc/{process.pid}/fd", 0
    for fd in os.listdir(folder):
        try:
            count += os.readlink(f"{folder}/{fd}").startswith("socket:")
        except FileNotFoundError:
            pass  # closed since
    return count


def private_bytes(process):
    """Memory that is the process's own: not code, not shared."""
    with open(f"/proc/{process.pid}/smaps_rollup") as f:
        return 1024 * sum(int(kib) for kib in re.findall(r"^Private_(?:Clean|Dirty): +(\d+) kB", f.read(), re.MULTILINE))


def is_instrumented(program):
    """Built with a sanitizer: its memory is not that of the program."""
    with open(os.path.join(harness.BIN, program), "rb") as f:
        code = f.read()
    return any(name in code for name in (b"__tsan_init", b"__asan_init"))


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Reader(threading.Thread):
    """An HTTP-FLV player in this process that keeps every tag. It may be a slow one.

    beside: another Reader; `lags` then says for each tag how far behind that one's newest it was (ms).
    """

    def __init__(self, url, *, bytes_a_second=None, receive_buffer=None, beside=None):
        super().__init__(daemon=True)
        self.tags, self.lags, self.failure = [], [], None
        self._pace, self._beside = bytes_a_second, beside
        self._socket = ask_http(url, receive_buffer)
        self._socket.settimeout(harness.PATIENCE)
        self.start()

    def newest_ms(self):
        return self.tags[-1].time if self.tags else 0

    def run(self):
        try:
            self._read()
        except OSError as error:
            self.failure = error

    def _read(self):
        data, due = b"", time.monotonic()
        while b"\r\n\r\n" not in data:
            data += self._socket.recv(1024)
        data = data.partition(b"\r\n\r\n")[2]
        while piece := self._socket.recv(2048 if self._pace else 1 << 16):
            data = self._take(data + piece)
            if self._pace:
                due = max(due, time.monotonic() - 0.1) + len(piece) / self._pace
                time.sleep(max(0.0, due - time.monotonic()))

    def _take(self, data):
        """Keeps the whole tags of the data, and returns the rest of it."""
        begin = 0 if self.tags else 13
        found = flv.tags(data if begin else flv.HEADER + data)
        for tag in found:
            self.tags.append(tag)
            if self._beside:
                self.lags.append(self._beside.newest_ms() - tag.time)
            begin += 11 + len(tag.body) + 4
        return data[begin:] if found else data

    def stop(self):
        """Leaves, as a player does whom somebody switched off."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self.join()
        self._socket.close()


def check_looped(wanted, got, what, *, at_least=1):
    """Failed unless the packets are the file's (`wanted`), which is sent in a loop, from some packet on: none missing.

    at_least: how many pictures it must be.
    """
    pictures = [p for p in got if p.stream == "v"]
    harness.check(len(pictures) >= at_least, f"{what}: {len(pictures)} pictures only")
    for stream in "va":
        follows([p.md5 for p in wanted if p.stream == stream], [p.md5 for p in got if p.stream == stream], f"{what}, stream {stream}")


def follows(source, seen, what):
    """Failed unless `seen` is a stretch of `source`, which is repeated as often as needed."""
    start = source.index(seen[0])
    turns = (start + len(seen)) // len(source) + 1
    expected = (source * turns)[start:start + len(seen)]
    wrong = next((i for i, (a, b) in enumerate(zip(seen, expected)) if a != b), None)
    harness.check(wrong is None, f"{what}: packet {wrong} of {len(seen)} is not the one that follows")
