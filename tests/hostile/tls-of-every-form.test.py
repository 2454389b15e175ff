"""Peers of rtmps:// and https:// who send rubbish, a part of a handshake, one without end, or who negotiate without end; plain text
where TLS is spoken, and TLS where it is not. They are closed, take little, and are a few lines in the log."""

import contextlib
import os
import ssl
import struct
import time

from scene import Scene, harness
import crowds
import tls

CLIENT_HELLO = b"\x16\x03\x01"  # a record of a handshake
SECONDS = 10  # that a handshake may take


def hello(size):
    """A ClientHello of so many bytes, in records of 8 KiB."""
    body = b"\x01" + size.to_bytes(3, "big") + b"\x03\x03" + b"\x11" * (size - 2)
    pieces = [body[i:i + 8192] for i in range(0, len(body), 8192)]
    return b"".join(CLIENT_HELLO + struct.pack(">H", len(piece)) + piece for piece in pieces)


FORMS = {
    "rubbish": os.urandom(5000),
    "zeros": bytes(5000),
    "RTMP": b"\x03" + bytes(1536),
    "a request of HTTP": b"GET /live/honest.flv HTTP/1.1\r\nHost: x\r\n\r\n",
    "a handshake of 120 KiB": hello(120 * 1024),
    "records of a handshake without content": (CLIENT_HELLO + b"\0\0") * 1000,
    "content without a handshake": b"\x17\x03\x03\x40\x00" + os.urandom(0x4000),
    "alerts": b"\x15\x03\x03\x00\x02\x01\x00" * 1000,
}


def send(url, count, data, attack):
    """All of them are closed by the server."""
    with crowds.crowd(url, count) as peers:
        for peer in peers:
            try:
                peer.sendall(data)
            except OSError:
                pass
        for peer in peers:
            harness.check(crowds.closed(peer, SECONDS + 10), f"{url} is open {SECONDS} s after {data[:20]}...")
    attack.frames()


def negotiate(t, url, command, version):
    """OpenSSL's client, told again and again to shake hands anew (R) or to change its keys (K)."""
    read_end, write_end = os.pipe()
    client = t.start(["openssl", "s_client", "-connect", url.split("//")[1], version], stdin=read_end)
    os.close(read_end)
    with contextlib.suppress(BrokenPipeError):
        for _ in range(300):
            os.write(write_end, command)
            time.sleep(0.002)  # it takes one command of each read
    os.close(write_end)
    client.end()


def rubbish_after_the_handshake(url):
    with crowds.connect(url) as peer:
        context = ssl._create_unverified_context()
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(incoming, outgoing)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                peer.sendall(outgoing.read())
                incoming.write(peer.recv(65536))
        peer.sendall(outgoing.read() + b"\x17\x03\x03\x01\x00" + os.urandom(256))
        harness.check(crowds.closed(peer, 10), f"{url} is open after a record that cannot be decrypted")


def test(t):
    options = tls.Certificate(t).options()
    with Scene(t, ingest=["--listen", "rtmps://127.0.0.1:0", *options],
               relay=["--listen", "rtmps://127.0.0.1:0", "--listen", "https://127.0.0.1:0", *options],
               hls=["--listen", "https://127.0.0.1:0", *options]) as scene:
        server = scene.server
        secured = [server.ingest.address("rtmps"), server.relay.address("rtmps"), server.relay.address("https"),
                   server.hls_stage.address("https")]
        for form, data in FORMS.items():
            with scene.attack(f"instead of TLS: {form}", memory_mb=16, lines=3) as attack:
                for url in secured:
                    send(url, 50, data, attack)
        with scene.attack("300 halves of a handshake", memory_mb=24, lines=3) as attack:
            for url in secured[:2] + secured[3:]:
                send(url, 100, hello(1000)[:500], attack)
        with scene.attack("rubbish behind the handshake", memory_mb=8, lines=3):
            for url in secured:
                for _ in range(20):
                    rubbish_after_the_handshake(url)
        for what, command, version in (("handshakes again", b"R\n", "-tls1_2"), ("new keys", b"K\n", "-tls1_3")):
            with scene.attack(f"{what} without end", memory_mb=8, lines=3):
                for url in secured:
                    negotiate(t, url, command, version)

        with crowds.connect(secured[2]) as peer:
            harness.equal(crowds.answers(peer, FORMS["a request of HTTP"]), [400], "plain HTTP at https://")
        server.relay.wait_line("it speaks plain HTTP")
        server.relay.wait_line(r"it does not speak TLS \(is it rtmp:// instead of rtmps://\?\)")
        with scene.attack("TLS where it is not spoken", memory_mb=8, lines=4) as attack:
            for url in server.publish("x"), server.rtmp("x"), server.flv("x"), server.hls("x"):
                send(url, 20, hello(300), attack)
        server.relay.wait_line(r"it speaks TLS \(is it rtmps:// instead of rtmp://\?\)")
        server.relay.wait_line(r"it speaks TLS \(is it https:// instead of http://\?\)")


harness.main(test)
