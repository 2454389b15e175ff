"""Ambiguous HTTP requests, at every HTTP port: refused once and closed, so that no proxy can read them differently."""

import re
import socket
import urllib.parse

from scene import Scene, harness

HOST = b"Host: x\r\n"
GET = b"GET /a HTTP/1.1\r\n" + HOST
POST = b"POST /a HTTP/1.1\r\n" + HOST
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"

# A 4xx or 5xx and a close, or a close alone; what follows is never parsed as a request.
REFUSED = {
    "TE and CL": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "CL and TE": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two CL": GET + b"Content-Length: 0\r\nContent-Length: 45\r\n\r\n" + HIDDEN,
    "CL: 5, 5": GET + b"Content-Length: 5, 5\r\n\r\nhello" + HIDDEN,
    "CL: +5": GET + b"Content-Length: +5\r\n\r\nhello" + HIDDEN,
    "CL: -1": GET + b"Content-Length: -1\r\n\r\n" + HIDDEN,
    "CL beyond 2^64": GET + b"Content-Length: 99999999999999999999\r\n\r\n" + HIDDEN,
    "TE: xchunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "TE: chunked, identity": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "TE twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "TE in HTTP/1.0": b"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "space before the colon": GET + b"Content-Length : 45\r\n\r\n" + HIDDEN,
    "bare CR in a value": GET + b"X: a\rContent-Length: 45\r\n\r\n" + HIDDEN,
    "bare CR in a name": GET + b"X\r: a\r\n\r\n" + HIDDEN,
    "obs-fold": GET + b"X: a\r\n b\r\n\r\n" + HIDDEN,
    "obs-fold of TE": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "NUL in a value": GET + b"X: a\0b\r\n\r\n" + HIDDEN,
    "NUL in a name": GET + b"X\0: b\r\n\r\n" + HIDDEN,
    "a space before the first field": b"GET /a HTTP/1.1\r\n Host: x\r\n\r\n" + HIDDEN,
    "no colon": GET + b"garbage\r\n\r\n" + HIDDEN,
    "20 KB of a field": GET + b"X: " + b"a" * 20_000 + b"\r\n\r\n",
    "20 KB of a URL": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "2000 fields": GET + b"a: b\r\n" * 2000 + b"\r\n",
    "a negative chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n" + HIDDEN,
    "a chunk beyond 2^64": POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n" + HIDDEN,
    "HTTP/2.0": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "CONNECT": b"CONNECT a:80 HTTP/1.1\r\n" + HOST + b"\r\n",
}
# Paths with invalid contents: refused or not found; the connection may stay open.
NOTHING_THERE = [b"/live/x%00.m3u8", b"/live/honest%00.flv", b"/live/%0d%0aX-In:%201.m3u8", b"/../../etc/passwd", b"/%2e%2e/%2e%2e/etc/passwd",
                 b"/live/..%2f..%2f..%2fetc/passwd", b"/%252e%252e/etc/passwd", b"//etc/passwd", b"/..\\..\\etc/passwd"]


def ask(url, data, seconds=10):
    """The whole response, until the connection is closed or silent."""
    at = urllib.parse.urlparse(url)
    received = b""
    with socket.create_connection((at.hostname, at.port), 10) as client:
        client.settimeout(seconds)
        try:
            client.sendall(data)
            while piece := client.recv(65536):
                received += piece
        except (TimeoutError, ConnectionError):
            return received, False
    return received, True


def statuses(received):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d\d\d)", received)]


def refuses(url):
    for what, data in REFUSED.items():
        received, _ = ask(url, data, seconds=5)
        got = statuses(received)
        harness.check(len(got) <= 1 and all(status >= 400 for status in got), f"{what} at {url}: answers {got}")
        harness.check(b"/hidden" not in received, f"{what} at {url}: a second request was seen")


def nothing_there(url):
    for path in NOTHING_THERE:
        received, _ = ask(url, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        harness.check(all(400 <= status < 500 for status in statuses(received)), f"GET {path!r}: answers {statuses(received)}")
        harness.check(b"root:" not in received and b"X-In" not in received, f"GET {path!r}: {received[:200]!r}")


def expect_continue(url):
    """A client that waits before its body gets a response: 100, or the final status."""
    received, _ = ask(url, b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n", seconds=3)
    harness.check(statuses(received), f"Expect: 100-continue at {url}: no response in 3 s")


def absolute_form(scene):
    at = urllib.parse.urlparse(scene.server.hls("live/honest")).netloc.encode()
    received, _ = ask(scene.server.hls("x"), b"GET http://" + at + b"/live/honest.m3u8 HTTP/1.1\r\nHost: " + at + b"\r\nConnection: close\r\n\r\n")
    harness.equal(statuses(received), [200], "answer to the absolute form")
    received, _ = ask(scene.server.hls("x"), b"GET http://a@b:80:80/live/honest.m3u8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    harness.check(all(status >= 400 for status in statuses(received)), "a wrong absolute form is answered")


def test(t):
    with Scene(t) as scene:
        ports = {"srs-relay": scene.server.flv("x"), "srs-hls": scene.server.hls("x"), "--admin": scene.admin(scene.server.relay)}
        for what, url in ports.items():
            with scene.attack(f"HTTP of doubtful form at {what}", memory_mb=4, lines=4):
                refuses(url)
                nothing_there(url)
                expect_continue(url)
        with scene.attack("absolute form", memory_mb=2, lines=2):
            absolute_form(scene)


harness.main(test)
