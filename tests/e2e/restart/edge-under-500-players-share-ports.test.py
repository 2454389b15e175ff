"""An edge is restarted under 500 players, the new process sharing its port: all of them play on, and nobody is refused."""

import edge
import harness
import restart


def test(t):
    origin = edge.Origin(t)
    port, admin = harness.free_port(), harness.free_port()

    def start():
        process = t.start(["srs-relay", "--origin", origin.rtmp, "--share-ports", "--listen", f"rtmp://127.0.0.1:{port}",
                           "--admin", f"http://127.0.0.1:{admin}"])
        process.address("rtmp")
        return process

    new = restart.restart_under_players(t, port, start)
    harness.equal(new.stop(), 0, "exit status of the new process")


harness.main(test)
