"""Many connections that misbehave, and plain HTTP on sockets."""

import contextlib
import re
import socket
import urllib.parse

import harness


def connect(url, seconds=harness.PATIENCE):
    at = urllib.parse.urlsplit(url)
    client = socket.create_connection((at.hostname, at.port), timeout=seconds)
    client.settimeout(seconds)
    return client


@contextlib.contextmanager
def crowd(url, count):
    """Opens `count` connections; closes them at the end."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connect(url)) for _ in range(count)]


def closed(client, seconds=0.0):
    """Whether the other side has closed or reset the connection. Discards what it sent before."""
    client.settimeout(seconds or None) if seconds else client.setblocking(False)
    try:
        while client.recv(65536):
            pass
        return True
    except (BlockingIOError, TimeoutError):
        return False
    except OSError:
        return True


def answers(client, data, seconds=harness.PATIENCE):
    """The statuses of the responses to these bytes, until the connection ends."""
    client.settimeout(seconds)
    received = b""
    with contextlib.suppress(OSError):
        client.sendall(data)
    with contextlib.suppress(OSError):
        while more := client.recv(65536):
            received += more
    return [int(status) for status in re.findall(rb"^HTTP/1\.1 (\d+) ", received, re.M)]


def request(path, *fields, method="GET", host="127.0.0.1"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *fields, "", ""]).encode()
