"""Hundreds of connections that start a byte at a time: each has one deadline for its start, and the others are served."""

import errno
import os
import selectors
import socket
import time
from urllib.parse import urlparse

from scene import Scene, harness

HELLO = b"\x03" + bytes(1536)
REQUEST = b"GET /live/honest.flv HTTP/1.1\r\nHost: " + b"x" * 1000


def connect(url):
    at = urlparse(url)
    client = socket.create_connection((at.hostname, at.port), 10)
    client.setblocking(False)
    return client


def drip(url, count, text, attack):
    """Each sends a byte of `text` every 200 ms, until the server has closed them all."""
    selector = selectors.DefaultSelector()
    sent = {}
    for _ in range(count):
        client = connect(url)
        sent[client] = 0
        selector.register(client, selectors.EVENT_READ)
    began = time.monotonic()
    while sent:
        harness.check(time.monotonic() - began < 60, f"{len(sent)} of {count} slow connections to {url} are open after a minute")
        for key, _ in selector.select(0.2):
            if _closed(key.fileobj):
                selector.unregister(key.fileobj)
                del sent[key.fileobj]
                key.fileobj.close()
        for client, at in list(sent.items()):
            sent[client] = at + _send(client, text[at:at + 1])
    return attack.frames()


def _closed(client):
    try:
        return not client.recv(4096)
    except OSError as error:
        return error.errno not in (errno.EAGAIN, errno.EWOULDBLOCK)


def _send(client, byte):
    try:
        return client.send(byte)
    except OSError:
        return 0


def test(t):
    with Scene(t) as scene:
        server = scene.server
        with scene.attack("500 handshakes, a byte every 200 ms", memory_mb=8, lines=3) as attack:
            drip(server.publish("live/x"), 500, HELLO, attack)
        with scene.attack("500 handshakes at the relay", memory_mb=8, lines=3) as attack:
            drip(server.rtmp("live/x"), 500, HELLO, attack)
        with scene.attack("200 HTTP requests, a byte every 200 ms", memory_mb=8, lines=3) as attack:
            drip(server.flv("live/x"), 200, REQUEST, attack)
        for stage in server.stages:
            harness.until(lambda: len(os.listdir(f"/proc/{stage.pid}/fd")) < 60, f"{stage.name} to have closed what has gone")


harness.main(test)
