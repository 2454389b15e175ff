"""Rubbish, silence and lies on every RTMP and HTTP port, by the dozen, while a healthy stream goes on unharmed."""

import os
import socket
from urllib.parse import urlparse

import flv
import harness
import media
import rtmp
from live import LiveServer
from players import streams


def tcp(url, data=b""):
    at = urlparse(url)
    client = socket.create_connection((at.hostname, at.port), 10)
    client.settimeout(10)
    try:
        client.sendall(data)
    except ConnectionError:
        pass  # told to go away already
    return client


def rude_rtmp(url):
    """One connection of each kind; they stay open until they are let go."""
    peers = [tcp(url), tcp(url, os.urandom(5000)), tcp(url, b"GET / HTTP/1.1\r\n\r\n"), tcp(url, b"\x03"),
             tcp(url, b"\x03" + os.urandom(700)), tcp(url, b"\x03" + os.urandom(1536)), tcp(url, b"\x06" + bytes(1536))]
    shaken = [rtmp.Client(url).handshake() for _ in range(8)]
    after_handshake = [
        os.urandom(5000),
        b"\x03\x00\x00\x00\xff\xff\xff\x14\x00\x00\x00\x00" + bytes(100),        # declares 16 MiB
        b"\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x7f\xff\xff\xff"      # chunks of 2 GiB,
        b"\x03\x00\x00\x00\xff\xff\xff\x09\x00\x00\x00\x00" + bytes(100),        # and a part of one
        b"\x02\x00\x00\x00\x00\x00\x04\x01\x00\x00\x00\x00\x00\x00\x00\x00",     # chunks of 0 bytes
        b"".join(bytes([0, i, 0, 0, 0, 0xff, 0xff, 0xff, 9, 0, 0, 0, 0]) + bytes(128) for i in range(200)),  # 200 begun messages
        b"\xc3" * 1000,                                                           # goes on with what never began
        b"\x03\x00\x00\x00\x00\x00\x40\x14\x00\x00\x00\x00" + b"\x03\x00\x01a" * 16,  # objects in objects, cut off
        b"\x02\x00\x00\x00\x00\x00\x02\x01\x00\x00\x00\x00\x00\x00",             # Set Chunk Size of two bytes
    ]
    for client, data in zip(shaken, after_handshake):
        try:
            client.socket.sendall(data)
        except ConnectionError:
            pass
    deep = rtmp.Client(url).connect()
    deep.send(18, flv.amf("onMetaData") + b"\x03\x00\x01a" * 5000, stream=1)
    deep.command("play", 1, None)                    # no name
    unasked = rtmp.Client(url).connect()
    unasked.send(9, b"\x17\x01\x00\x00\x00" * 100, stream=1)  # media before any publish
    return peers + [client.socket for client in (*shaken, deep, unasked)]


def rude_http(url):
    return [tcp(url, data) for data in (
        b"", os.urandom(5000), b"\x03" + os.urandom(1536), b"GET", b"GET / HTTP/9.9\r\n\r\n", b"G\0T / HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"b" * 200_000, b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n", b"DELETE /live/x.flv HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"GET http://[::: HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n" * 100, b"\r\n" * 1000)]


def test(t):
    path = media.fixture("h264_aac.flv")
    server = LiveServer(t, ingest_options=["--grace", "2s"])
    publisher = streams.ffmpeg_publish(t, server.publish("live/cam"), path)
    server.wait_segments("live/cam", 1)
    players = [t.start(media.framemd5_command(url)) for url in (server.rtmp("live/cam"), server.flv("live/cam"))]
    rude = []
    for _ in range(3):
        rude += rude_rtmp(server.publish("live/bad")) + rude_rtmp(server.rtmp("live/bad"))
        rude += rude_http(server.flv("live/bad")) + rude_http(server.hls("live/bad"))
    publisher.succeeds()
    wanted = media.framemd5(path)
    for player in players:
        got = media.parse_framemd5(player.succeeds().stdout())
        media.lossless(wanted, got, head=450, what=player.argv[-1])
    for stage in server.stages:
        harness.check(stage.alive(), f"{stage.name} ended with {stage.returncode}: {stage.stderr()[-800:]}")
        with open(f"/proc/{stage.pid}/status") as f:
            peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
        limit = 1000 if "asan" in harness.BIN else 200
        harness.check(peak < limit * 1024, f"{stage.name} took {peak // 1024} MiB")
    for client in rude:
        client.close()
    server.stop()


harness.main(test)
