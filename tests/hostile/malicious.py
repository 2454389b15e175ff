"""Malicious servers: HTTP, RTMP and HLS. Each is a function of one connection.

    server = malicious.Server(malicious.http_endless_header)
    server.url("http", "/live/x.flv")

A server goes on until its client has had enough. They run in threads of the test's process.
"""

import os
import socket
import struct
import threading

import flv
from chunks import PING, Raw, chunk, command, set_chunk_size

BLOCK = b"x" * 65536


class Connection:
    """A socket that counts its bytes for its server."""

    def __init__(self, server, connected):
        self._server, self._socket = server, connected
        self.recv = connected.recv

    def sendall(self, data):
        self._socket.sendall(data)
        self._server.sent += len(data)


class Server:
    """Listens on a free port of 127.0.0.1; `serve(connection, url)` is called for each connection, url being the server's own."""

    def __init__(self, serve):
        self._serve = serve
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self.sent = 0  # bytes
        threading.Thread(target=self._accept, daemon=True).start()

    def url(self, scheme, path):
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    def close(self):
        self._socket.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._run, args=(connection,), daemon=True).start()

    def _run(self, connection):
        connection.settimeout(60)
        try:
            with connection:
                self._serve(Connection(self, connection), f"127.0.0.1:{self.port}")
        except (OSError, EOFError, IndexError, UnicodeDecodeError):
            pass  # the client gave up, or sent a body where a request is expected


def read(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def request(connection):
    """The target of the next HTTP request."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += read(connection, 1)
    return head.split()[1].decode()


def forever(connection, block):
    while True:
        connection.sendall(block)


# HTTP

def http_silence(connection, _):
    request(connection)
    connection.recv(1)


def http_endless_status(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 ")
    forever(connection, BLOCK)


def http_endless_header(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    forever(connection, BLOCK)


def http_endless_headers(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    forever(connection, b"X-Some-Name: some value\r\n" * 2000)


def http_redirects(connection, own):
    """Each to another path of this server."""
    while True:
        target = request(connection)
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: http://{own}/again{target[-200:]}\r\nContent-Length: 0\r\n\r\n".encode())


def http_redirect_to_file(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def http_zeros(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nContent-Length: 18446744073709551615\r\n\r\n")
    forever(connection, bytes(65536))


def http_endless_chunk_size(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    forever(connection, b"0" * 65536)


def flv_head(connection):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\nConnection: close\r\n\r\n" + flv.HEADER)


def flv_largest_tag(connection, _):
    """A tag of 16 MiB, then silence in the middle of the next."""
    flv_head(connection)
    connection.sendall(flv.write_tag(9, 0, b"\x17\x01" + bytes((1 << 24) - 3)))
    connection.sendall(b"\x09\xff\xff\xff" + bytes(7) + BLOCK)
    connection.recv(1)


def flv_channels(connection, _):
    """Channels begin one after another, and none ends."""
    flv_head(connection)
    for channel in range(1, 1 << 24):
        begin = flv.amf("onStream") + flv.amf({"path": f"live/{channel}", "event": "begin", "origin": "x" * 1000})
        connection.sendall(flv.write_tag(18, 0, begin, channel))


def flv_empty_tags(connection, _):
    """All with one timestamp, so that no time passes."""
    flv_head(connection)
    forever(connection, flv.write_tag(9, 0, b"") * 4000)


def flv_one_byte_tags(connection, _):
    flv_head(connection)
    forever(connection, flv.write_tag(8, 0, b"\x2f") * 4000)


def flv_metadata(connection, _):
    """A megabyte of it, repeatedly."""
    flv_head(connection)
    values = {f"k{i}": "x" * 60_000 for i in range(16)}
    forever(connection, flv.write_tag(18, 0, flv.amf("onMetaData") + flv.amf(values)))


# RTMP

def rtmp_shake(connection):
    read(connection, 1537)
    connection.sendall(b"\x03" + bytes(8) + os.urandom(1528) + bytes(1536))
    read(connection, 1536)


def rtmp_silence(connection, _):
    rtmp_shake(connection)
    while connection.recv(4096):
        pass


def rtmp_half_handshake(connection, _):
    read(connection, 1537)
    connection.sendall(b"\x03" + bytes(700))
    connection.recv(1)


def rtmp_pings_unread(connection, _):
    """Endless pings, without reading the answers."""
    rtmp_shake(connection)
    forever(connection, chunk(4, PING, chunk_stream=2) * 3000)


def rtmp_deep_answer(connection, _):
    rtmp_shake(connection)
    deep = b"\x03" + b"\x00\x01a\x03" * 70_000
    connection.sendall(set_chunk_size(1 << 24) + command("_result", 1, None, Raw(deep), size=1 << 24))
    connection.recv(1)


def rtmp_chunk_size_zero(connection, _):
    rtmp_shake(connection)
    connection.sendall(set_chunk_size(0))
    while connection.recv(4096):
        pass


def rtmp_many_unfinished(connection, _):
    """60 messages of 16 MiB, none with its last byte."""
    rtmp_shake(connection)
    size = (1 << 24) - 2
    connection.sendall(set_chunk_size(size))
    for stream in range(4, 64):
        connection.sendall(chunk(9, bytes(size), chunk_stream=stream, stream=1, size=size, length=size + 1))
    connection.recv(1)


def rtmp_redirects(connection, own):
    """Redirects every play to this server again."""
    rtmp_accept(connection)
    ex = {"code": 302, "redirect": f"rtmp://{own}/live", "redirect2": f"rtmp://{own}/live/x"}
    connection.sendall(command("onStatus", 0, None, {"level": "error", "code": "NetConnection.Connect.Rejected",
                                                     "description": "elsewhere", "ex": ex}, stream=1))
    while connection.recv(4096):
        pass


def rtmp_long_refusal(connection, _):
    """A description of 60 kB that contains a forged line."""
    rtmp_accept(connection)
    text = "srs-ingest: error: \x1b[31mforged\nsrs-relay: error: forged " + "x" * 60_000
    connection.sendall(command("onStatus", 0, None, {"level": "error", "code": text, "description": text}, stream=1))
    while connection.recv(4096):
        pass


def rtmp_accept(connection):
    """Answers handshake, connect and createStream, however the bytes are split."""
    rtmp_shake(connection)
    received = b""
    while b"connect" not in received:
        received += connection.recv(4096)
    connection.sendall(command("_result", 1, {"fmsVer": "x"}, {"code": "NetConnection.Connect.Success", "level": "status"}))
    while b"createStream" not in received:
        received += connection.recv(4096)
    # The transaction id follows the name.
    at = received.rindex(b"createStream") + 12
    while len(received) < at + 9:
        received += connection.recv(4096)
    number = struct.unpack(">d", received[at + 1:at + 9])[0]
    connection.sendall(command("_result", number, None, 1))
    while b"play" not in received:
        received += connection.recv(4096)


def rtmp_play(connection):
    rtmp_accept(connection)
    connection.sendall(command("onStatus", 0, None, {"level": "status", "code": "NetStream.Play.Start", "description": "x"}, stream=1))


def rtmp_one_byte_messages(connection, _):
    rtmp_play(connection)
    connection.sendall(chunk(8, b"\x2f", chunk_stream=4, stream=1))
    forever(connection, b"\xc4\x2f" * 30_000)


def rtmp_metadata(connection, _):
    rtmp_play(connection)
    values = {f"k{i}": "x" * 60_000 for i in range(16)}
    body = flv.amf("onMetaData") + flv.amf(values)
    connection.sendall(set_chunk_size(1 << 24))
    forever(connection, chunk(18, body, chunk_stream=4, stream=1, size=1 << 24))


def rtmp_pings_while_playing(connection, _):
    rtmp_play(connection)
    forever(connection, chunk(4, PING, chunk_stream=2) * 3000)


# HLS

def _answer(connection, body):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def hls_endless_playlist(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\nConnection: close\r\n\r\n#EXTM3U\n#EXT-X-TARGETDURATION:2\n")
    forever(connection, b"#EXTINF:2.0,\nsegment.ts\n" * 2000)


def hls_endless_variants(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\nConnection: close\r\n\r\n#EXTM3U\n")
    forever(connection, b"#EXT-X-STREAM-INF:BANDWIDTH=1\nvariant.m3u8\n" * 2000)


def hls_endless_line(connection, _):
    request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.apple.mpegurl\r\nConnection: close\r\n\r\n#EXTM3U\n#EXTINF:2.0,")
    forever(connection, BLOCK)


def hls_of_itself(connection, own):
    """A multivariant playlist whose variant is a multivariant playlist, and so on."""
    while True:
        target = request(connection)
        _answer(connection, f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nhttp://{own}/again{target[-100:]}\n".encode())


def hls_gigabytes(connection, _):
    """A valid playlist with endless segments."""
    while True:
        if ".m3u8" in request(connection):
            _answer(connection, b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n"
                    + b"".join(b"#EXTINF:2.0,\ns%d.ts\n" % i for i in range(6)))
        else:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nContent-Length: 9999999999999\r\n\r\n")
            forever(connection, (b"\x47\x1f\xff\x10" + bytes(184)) * 300)


def hls_absurd_numbers(connection, _):
    """Durations, sequence numbers and offsets at the extremes of their types."""
    while True:
        request(connection)
        _answer(connection, b"#EXTM3U\n#EXT-X-TARGETDURATION:18446744073709551615\n#EXT-X-MEDIA-SEQUENCE:18446744073709551615\n"
                b"#EXT-X-PART-INF:PART-TARGET=1e-300\n#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=-1e300,HOLD-BACK=nan\n"
                b"#EXTINF:1e308,\na.ts\n#EXTINF:-5,\nb.ts\n#EXTINF:nan,\nc.ts\n#EXTINF:0,\nd.ts\n")


def hls_redirects(connection, own):
    http_redirects(connection, own)
