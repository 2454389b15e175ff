"""The threads of a relay share its ports and its players; another relay on one of these ports is refused."""

import os
import re

import crowd
import harness
import media

PLAYERS = 40
THREADS = 4


def sockets_of_loops(process):
    """How many sockets each event loop (epoll) of a process waits on."""
    folder, counts = f"/proc/{process.pid}", []
    for fd in os.listdir(f"{folder}/fdinfo"):
        try:
            with open(f"{folder}/fdinfo/{fd}") as f:
                targets = re.findall(r"^tfd: *(\d+)", f.read(), re.MULTILINE)
            if targets:
                counts.append(sum(os.readlink(f"{folder}/fd/{target}").startswith("socket:") for target in targets))
        except FileNotFoundError:
            pass  # closed since
    return counts


def test(t):
    file = media.fixture("h264_aac.flv")
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", file],
        ["srs-relay", "--stream", "live/x", "--threads", str(THREADS), "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    listeners = relay.address("rtmp"), relay.address("http")
    harness.until(lambda: sorted(sockets_of_loops(relay))[-THREADS:] == [len(listeners)] * THREADS, "each thread to listen on each port")

    players = [crowd.Reader(listeners[1] + "/live/x.flv") for _ in range(PLAYERS)]
    harness.until(lambda: all(player.newest_ms() > 1000 for player in players), "all players to be served")
    on_threads = [count - len(listeners) for count in sockets_of_loops(relay) if count > len(listeners)]
    harness.equal(sum(on_threads), PLAYERS, "players on all threads")
    # The kernel chooses by a hash of the addresses: that all fall to one thread will not happen.
    harness.check(len(on_threads) > 1, f"{PLAYERS} players are on {len(on_threads)} of {THREADS} threads")

    for url in listeners:
        for threads in ("1", str(THREADS)):
            second = t.run(["srs-relay", "--threads", threads, "--listen", url], stdin=file)
            harness.equal(second.returncode, 1, f"exit status of a second relay on {url}")
            harness.check("address already in use" in second.stderr().lower(), f"the second relay says {second.stderr()!r}")
    # None of that took a player away from the first.
    harness.check(all(player.is_alive() for player in players), "a player was cut off")
    late = crowd.Reader(listeners[1] + "/live/x.flv")
    harness.until(late.newest_ms, "one more player to be served by the first relay")
    harness.check(ingest.alive() and relay.alive(), "a stage ended")


harness.main(test)
