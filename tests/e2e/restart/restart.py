"""A server is restarted under its players: nobody is cut off, nobody who comes meanwhile is turned away."""

import json
import signal
import socket
import threading
import time

import crowd
import harness

PLAYERS = 500


class Callers:
    """Threads that connect again and again, and want to hear an RTMP server's first bytes each time."""

    def __init__(self, port, threads=2):
        self.port, self.answered, self.failures, self._end = port, 0, [], False
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _run(self):
        while not self._end:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=10) as caller:
                    caller.sendall(b"\x03" + bytes(1536))
                    first = caller.recv(1)
                    if first != b"\x03":
                        raise ConnectionError(f"answered {first!r}")
                self.answered += 1
            except OSError as error:
                self.failures.append(repr(error))
            time.sleep(0.002)

    def end(self):
        self._end = True
        for thread in self._threads:
            thread.join()


def bench(t, url, name, seconds):
    report = t.path(name + ".json")
    arguments = ["srs-bench", "play", "-n", str(PLAYERS), "--ramp", "1s", "--verify", "16", "--for", f"{seconds}s", "--json", url]
    return t.start(arguments, stdout=report), report


def check_all_served(process, report, who):
    process.succeeds()
    with open(report) as f:
        clients = json.load(f)["clients"]
    for state, wanted in (("running", PLAYERS), ("failed", 0), ("ended", 0), ("without_media", 0)):
        harness.equal(clients[state], wanted, f"{state} of the players that {who}: {clients}")


def restart_under_players(t, port, start):
    """start(): one more process of the server, on the same port; a Process that listens."""
    url = f"rtmp://127.0.0.1:{port}/live/cam"
    old = start()
    staying, staying_report = bench(t, url, "staying", 8)
    harness.until(lambda: crowd.sockets_of(old) > PLAYERS, "the players to come")
    callers = Callers(port)
    new = start()
    old.signal(signal.SIGTERM)
    old.wait_line(rf"SIGTERM: waits up to 30s until {PLAYERS} players")
    answered = callers.answered
    coming, coming_report = bench(t, url, "coming", 2)
    check_all_served(coming, coming_report, "came during the drain")
    harness.check(old.alive() and staying.alive(), "the old process did not wait for its players")
    check_all_served(staying, staying_report, "were there before")
    harness.equal(old.wait(10), 0, f"exit status of the old process:\n{old.stderr()}")
    callers.end()
    harness.check(callers.answered > answered + 50, f"{callers.answered} connections answered, {answered} of them before the switch")
    harness.equal(callers.failures, [], f"connections refused or reset, beside {callers.answered} that were answered")
    print(f"{callers.answered} connections answered meanwhile", flush=True)
    return new
