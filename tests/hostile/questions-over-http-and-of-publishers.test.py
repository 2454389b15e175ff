"""Publishers, HTTP clients and unidentified peers that flood requests, reading the answers or not: others get their turn."""

import threading

from scene import Scene, harness

from chunks import PING, Peer, chunk, publisher
from crowd import connect as connect_tcp

PINGS = chunk(4, PING, chunk_stream=2) + (b"\xc2" + PING) * 9000


def floods_unread(peer, block, attack):
    """Reads nothing: the server stops reading it, or closes it, and its memory is limited."""
    with peer:
        sent = max(peer.flood(block, attack), default=0)
    harness.check(sent > 0, "nothing was sent")


def floods_read(peer, block, attack):
    """Reads all answers as fast as they come: the server need not stop, but must serve the others."""
    def read():
        try:
            while peer.socket.recv(1 << 20):
                pass
        except (OSError, ValueError):
            pass
    with peer:
        peer.socket.settimeout(30)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        while attack.goes_on():
            try:
                peer.socket.sendall(block)
            except OSError:
                break


def http_requests_unread(url, attack):
    """Pipelined; each response is an error of a few hundred bytes."""
    block = b"GET /live/absent.flv HTTP/1.1\r\nHost: x\r\n\r\n" * 1000
    client = connect_tcp(url)
    client.settimeout(0.2)
    left = block
    with client:
        while attack.goes_on():
            try:
                sent = client.send(left)
                left = left[sent:] or block
            except TimeoutError:
                pass
            except OSError:
                break


def test(t):
    with Scene(t, relay=["--wait", "0s"]) as scene:
        ingest = scene.server.publish("live/asks")
        with scene.attack("pings of a publisher that reads nothing", memory_mb=4, lines=4) as attack:
            floods_unread(publisher(ingest), PINGS, attack)
        with scene.attack("pings of a publisher that reads all", memory_mb=4, lines=4) as attack:
            floods_read(publisher(ingest + "2"), PINGS, attack)
        with scene.attack("pings before connect", memory_mb=4, lines=2) as attack:
            floods_unread(Peer(ingest, receive_buffer=4096).handshake(), PINGS, attack)
        for what, url in (("relay", scene.server.flv("x")), ("srs-hls", scene.server.hls("x"))):
            with scene.attack(f"HTTP requests at {what}, answers not read", memory_mb=4, lines=3) as attack:
                http_requests_unread(url, attack)


harness.main(test)
