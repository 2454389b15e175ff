"""Relays that push to relays, and what is recorded at both ends."""

import socket
import threading

import edge
import flv
import harness


def start_server(t, *options, port=0):
    """A relay that takes publishers. Address with .address("rtmp"), .address("http")."""
    server = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", f"rtmp://127.0.0.1:{port}",
                      "--listen", "http://127.0.0.1:0", *options])
    server.address("http")
    return server


def record(t, server, name, path="live/a"):
    """Path of what curl writes down of a stream with its annotations, from now on."""
    _, file = edge.record(t, f"{server.address('http')}/{path}.flv?annotations=1", name)
    return file


def media_of(file):
    """(kind, time, body) of each frame."""
    return [(tag.kind, tag.time, tag.body) for tag in flv.tags_of_file(file) if flv.is_media(tag)]


def check_no_gap(file, what):
    steps = [(at, step) for at, step in edge.video_steps(file) if step != 40]
    harness.check(not steps, f"{what}: pictures are missing or twice at {steps[:5]}")


def check_same(source, copy, what):
    """Failed unless the copy is a stretch of the source: the same frames at the same times, none missing, none twice."""
    source, copy = media_of(source), media_of(copy)
    harness.check(copy, f"{what}: nothing")
    for kind in (flv.VIDEO, flv.AUDIO):
        there, here = [frame for frame in source if frame[0] == kind], [frame for frame in copy if frame[0] == kind]
        harness.check(here and here[0] in there, f"{what}: the first frame of kind {kind} is unknown at the source")
        start = there.index(here[0])
        expected = there[start:start + len(here)]
        wrong = next((i for i, (a, b) in enumerate(zip(here, expected)) if a != b), None)
        harness.check(wrong is None, f"{what}: frame {wrong} of kind {kind}, at {here[wrong or 0][1]} ms, does not follow")


class Link:
    """A TCP connection in between that can be cut: pushes go to `port`, and from there to the target."""

    def __init__(self, target_port):
        self._target = target_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """Resets what is connected; the next connection is let through."""
        for pair in self._pairs:
            for end in pair:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
        self._pairs = []

    def _accept(self):
        while True:
            near, _ = self._listener.accept()
            far = socket.create_connection(("127.0.0.1", self._target))
            self._pairs.append((near, far))
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=self._copy, args=(a, b), daemon=True).start()

    @staticmethod
    def _copy(a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
        except OSError:
            pass
