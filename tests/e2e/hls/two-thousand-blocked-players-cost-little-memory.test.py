"""Two thousand players that wait for the same part at once: each gets it, and memory stays bounded."""

import resource
import select
import socket
import urllib.parse

import harness
import hls
import media
from hls import HlsServer

PLAYERS = 2000


def memory_kib(pid):
    with open(f"/proc/{pid}/status") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def test(t):
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, max(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    server = HlsServer(t, media.fixture("h264_aac.flv"), "--low-latency")
    server.wait_segments(3)
    before = memory_kib(server.stage.pid)
    parts = urllib.parse.urlsplit(server.base)
    players = [socket.create_connection((parts.hostname, parts.port)) for _ in range(PLAYERS)]
    text = server.media()
    request = f"GET /live/cam/av.m3u8?_HLS_msn={hls.next_sequence(text) + 1} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    for player in players:
        player.sendall(request)
    answered, poller = {}, select.poll()
    for player in players:
        poller.register(player, select.POLLIN)
    by_fd = {player.fileno(): player for player in players}
    peak = 0

    def collect():
        nonlocal peak
        peak = max(peak, memory_kib(server.stage.pid))
        for fd, _ in poller.poll(50):
            answered.setdefault(fd, by_fd[fd].recv(65536)[:12])
            poller.unregister(fd)
        return len(answered) == PLAYERS
    harness.until(collect, "an answer for each player", seconds=60)
    harness.equal(set(answered.values()), {b"HTTP/1.1 200"}, "what the players got")
    harness.check(peak - before < PLAYERS * 32, f"{PLAYERS} players that wait cost {peak - before} KiB")
    for player in players:
        player.close()
    server.stop()


harness.main(test)
