"""The same with a socket that a service manager holds and passes to the old and the new process, as systemd does."""

import os
import socket

import edge
import harness
import restart


def test(t):
    origin = edge.Origin(t)
    held, other = socket.create_server(("127.0.0.1", 0), backlog=4096), socket.create_server(("127.0.0.1", 0))
    port = held.getsockname()[1]

    def start():
        relay = os.path.join(harness.BIN, "srs-relay")
        script = f'export LISTEN_PID=$$; exec "{relay}" "$@" 3<&{held.fileno()} 4<&{other.fileno()}'
        process = t.start(["bash", "-c", script, "srs-relay", "--origin", origin.rtmp, "--listen", f"rtmp://127.0.0.1:{port}"],
                          env={"LISTEN_FDS": "2", "LISTEN_FDNAMES": "edge:other"}, pass_fds=(held.fileno(), other.fileno()))
        process.address("rtmp")
        return process

    new = restart.restart_under_players(t, port, start)
    new.wait_line(rf"passed other \(127\.0\.0\.1:{other.getsockname()[1]}\), but no --listen is for it")
    harness.check("edge (" not in new.stderr(), "a socket that is used counts as unused")
    new.signal(2)
    harness.equal(new.wait(10), 0, "exit status of the new process")
    # The manager still holds it: who comes now waits for the next process.
    harness.check(harness.accepts(port), "the socket was closed for all")


harness.main(test)
