"""One HTTP request, and when each stage of its answer came. Standard library only; nothing is judged here."""

import gzip
import http.client
import time
import urllib.parse
import zlib

from recording import Exchange

TIMEOUT = 30.0
REDIRECTS = 5


class Clock:
    """Seconds since the recording began."""

    def __init__(self):
        self.began = time.monotonic()

    def now(self):
        return time.monotonic() - self.began


def connect(parts):
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname, parts.port, timeout=TIMEOUT)


def unpacked(exchange):
    """The body without its Content-Encoding; what cannot be unpacked stays as it came."""
    if exchange.headers.get("content-encoding", "").lower() != "gzip":
        return exchange.body
    try:
        return gzip.decompress(exchange.body)
    except (OSError, EOFError, zlib.error):
        exchange.about["error"] = "its gzip cannot be unpacked"
        return exchange.body


def _once(clock, exchange, method, headers):
    parts = urllib.parse.urlsplit(exchange.url)
    connection = connect(parts)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, headers={"User-Agent": "hls-check", **headers})
        answer = connection.getresponse()
        exchange.head = exchange.first = clock.now()
        exchange.status = answer.status
        exchange.headers = {name.lower(): value for name, value in answer.getheaders()}
        try:
            first = answer.read(1)
            exchange.first = clock.now()
            exchange.body = first + answer.read()
        except http.client.IncompleteRead as short:
            exchange.body = first + short.partial
            exchange.about["error"] = f"the body ends early, after {len(exchange.body)} bytes"
    except (OSError, http.client.HTTPException) as why:
        exchange.about["error"] = f"{type(why).__name__}: {why}"
        exchange.status = exchange.status if exchange.head else 0
    finally:
        connection.close()


def fetch(clock, url, kind, name="", about=None, method="GET", **headers):
    """The Exchange of a request; status 0 if there was no answer. headers: with _ for -."""
    exchange = Exchange(url, kind, name, {**(about or {}), "method": method}, sent=clock.now(), status=0)
    fields = {key.replace("_", "-"): value for key, value in headers.items()}
    for _ in range(REDIRECTS):
        _once(clock, exchange, method, fields)
        target = exchange.headers.get("location")
        if exchange.status not in (301, 302, 303, 307, 308) or not target:
            break
        exchange.url = urllib.parse.urljoin(exchange.url, target)
    exchange.done = clock.now()
    if method == "GET" and "Range" not in fields:
        exchange.body = unpacked(exchange)
    return exchange
