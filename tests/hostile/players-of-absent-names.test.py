"""Players of hundreds of absent streams: each is refused, most are logged in one line, and no descriptor leaks."""

import os

from scene import Scene, harness

import rtmp
from chunks import Peer
from crowd import ask_http


def absent(scene, count):
    """Players of unpublished names, over both protocols: all are refused soon, and most are logged in one line."""
    waiting = []
    for number in range(count):
        try:
            waiting.append(ask_http(scene.server.flv(f"live/absent{number}")))
            peer = Peer(scene.server.rtmp(f"live/absent{number}"))
            waiting.append(peer.socket)
            peer.connect()
            peer.ask_to_play()
        except (OSError, rtmp.Closed):
            pass  # refused
    for client in waiting:
        client.close()


def test(t):
    with Scene(t, relay=["--wait", "1s"]) as scene:
        with scene.attack("players of 300 absent names", memory_mb=16, lines=6):
            absent(scene, 300)
        for stage in scene.server.stages:
            harness.until(lambda s=stage: len(os.listdir(f"/proc/{s.pid}/fd")) < 100, f"{stage.name} to release the descriptors of refused players")


harness.main(test)
