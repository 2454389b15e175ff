"""A service tells systemd that it is ready, what it does and that it ends; and that it is alive, but only while all its threads are."""

import ctypes
import os
import signal
import socket
import time

import harness
import media

PTRACE_SEIZE, PTRACE_INTERRUPT, PTRACE_DETACH = 0x4206, 0x4207, 17
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, thread):
    harness.check(_libc.ptrace(request, thread, None, None) == 0, f"ptrace {request}: {os.strerror(ctypes.get_errno())}")


class Manager:
    """The socket that a service's messages go to."""

    def __init__(self, t, name):
        self.path = t.path(name)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)

    def environment(self, **more):
        return {"NOTIFY_SOCKET": self.path, **more}

    def messages(self, seconds):
        """Those of the next so many seconds, as lists of lines."""
        end, messages = time.monotonic() + seconds, []
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                messages += self.socket.recv(4096).decode().splitlines()
            except socket.timeout:
                break
        return messages

    def wait(self, line):
        harness.until(lambda: line in self.messages(0.2), f"the message {line!r}")


def relay_with_watchdog(t):
    manager = Manager(t, "relay")
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--threads", "2", "--listen", "rtmp://127.0.0.1:0"],
                    env=manager.environment(WATCHDOG_USEC="400000"))
    first = manager.messages(2)
    harness.equal(first[:2], ["READY=1", "STATUS=0 streams, 0 players"], "its first message")
    harness.check(first.count("WATCHDOG=1") >= 3, f"signs of life in 2 s at an interval of 0.4 s: {first}")
    listener = relay.address("rtmp")
    publisher = t.start(["ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", media.fixture("h264_aac.flv"), "-c", "copy", "-f", "flv", listener + "/live/x"])
    manager.wait("STATUS=1 streams, 0 players")

    threads = [int(thread) for thread in os.listdir(f"/proc/{relay.pid}/task") if int(thread) != relay.pid]
    for thread in threads:
        ptrace(PTRACE_SEIZE, thread)
        ptrace(PTRACE_INTERRUPT, thread)
    manager.messages(1)  # what was under way
    harness.equal([line for line in manager.messages(2) if line == "WATCHDOG=1"], [], "signs of life of a relay whose workers hang")
    for thread in threads:
        os.waitpid(thread, 0x40000000)  # __WALL: it may be detached once it has stopped
        ptrace(PTRACE_DETACH, thread)
    manager.wait("WATCHDOG=1")
    publisher.end()
    relay.signal(signal.SIGTERM)
    manager.wait("STOPPING=1")
    harness.equal(relay.wait(10), 0, "exit status")


def test(t):
    relay_with_watchdog(t)
    manager = Manager(t, "ingest")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"], env=manager.environment())
    manager.wait("READY=1")
    ingest.signal(signal.SIGTERM)
    manager.wait("STOPPING=1")
    harness.equal(ingest.wait(10), 0, "exit status of srs-ingest")
    manager = Manager(t, "hls")
    read, write = os.pipe()
    hls = t.start(["srs-hls", "--listen", "http://127.0.0.1:0", t.path("www")], stdin=read, env=manager.environment())
    manager.wait("READY=1")
    hls.signal(signal.SIGTERM)
    manager.wait("STOPPING=1")
    harness.equal(hls.wait(10), 0, "exit status of srs-hls")
    os.close(write)


harness.main(test)
