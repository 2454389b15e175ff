"""Players that never read harm nobody: a healthy player gets every packet, and they are closed after --stall-timeout."""

import os
import socket
from urllib.parse import urlparse

import harness
import media
import rtmp
from players import streams


def stalled_http(url):
    at = urlparse(url)
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.settimeout(10)
    client.connect((at.hostname, at.port))
    client.sendall(f"GET {at.path} HTTP/1.1\r\nHost: {at.netloc}\r\n\r\n".encode())
    return client


def stalled_rtmp(url):
    client = rtmp.Client(url, receive_buffer=4096).connect()
    client.ask_to_play()
    return client.socket


def sockets_of(process):
    folder, count = f"/proc/{process.pid}/fd", 0
    for fd in os.listdir(folder):
        try:
            count += os.readlink(f"{folder}/{fd}").startswith("socket:")
        except FileNotFoundError:
            pass  # closed since
    return count


def test(t):
    # Enough bits to fill the socket buffers of a player that does not read.
    ingest, relay = t.pipeline(
        ["srs-ingest", "--name", "live/x", "--realtime", "--loop", media.fixture("busy.flv")],
        ["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
         "--stall-timeout", "2s"])
    urls = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
    clients = [stalled_rtmp(urls[0]) for _ in range(20)] + [stalled_http(urls[1]) for _ in range(20)]
    healthy = [t.start(media.framemd5_command(url, after=["-t", "9"])) for url in urls]
    wanted = media.framemd5(media.fixture("busy.flv"))
    for player in healthy:
        got = media.parse_framemd5(player.succeeds(40).stdout())
        pictures = [p for p in got if p.stream == "v"]
        harness.check(len(pictures) >= 100, f"{player.argv}: {len(pictures)} pictures only")
        # The file runs in a loop: a player's packets are the file's from some packet on, and over its end.
        for stream in "va":
            source = [p.md5 for p in wanted if p.stream == stream]
            seen = [p.md5 for p in got if p.stream == stream]
            start = source.index(seen[0])
            harness.check(seen == (source * 4)[start:start + len(seen)], f"{player.argv}: packets are missing in stream {stream}")
    harness.until(lambda: relay.stderr().count("took nothing") >= len(clients), "the relay to say that it closed stalled players")
    # What is left: the two listeners, and perhaps what asio needs.
    harness.until(lambda: sockets_of(relay) < 10, "the relay to close their sockets")
    harness.check(ingest.alive() and relay.alive(), "a stage ended")


harness.main(test)
