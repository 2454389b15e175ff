"""Players use up the relay's file descriptors: --admin still answers, repeatedly, and honest players lose nothing."""

import os
import resource
import time

from scene import Scene, admin, harness
import crowds

ROOM = 20    # descriptors for players
CROWD = 60
LEFT = 8     # the last ones, reserved from players


def descriptors(stage):
    return len(os.listdir(f"/proc/{stage.pid}/fd"))


def test(t):
    with Scene(t) as scene:
        relay = scene.server.relay
        base = scene.admin(relay)
        honest = {client["id"] for client in admin.clients(base)}
        most = descriptors(relay) + ROOM
        resource.prlimit(relay.pid, resource.RLIMIT_NOFILE, (most, most))
        with scene.attack("all file descriptors are taken", memory_mb=8, lines=3) as attack:
            with crowds.crowd(relay.address("http"), CROWD):
                harness.until(lambda: descriptors(relay) >= most - LEFT, "the relay to use all of its descriptors")
                relay.wait_line("cannot accept")
                asked = 0
                while attack.goes_on():
                    for path, wanted in (("/healthz", 200), ("/readyz", 200), ("/metrics", 200), ("/api/clients", 200)):
                        status, fields, text = admin.ask(base + path)
                        harness.equal(status, wanted, f"{path} while there are no descriptors")
                        harness.equal(fields["Connection"], "close", f"{path}: the connection is not kept")
                        if path == "/metrics":
                            found = admin.samples(text)
                            harness.check(found[("process_open_fds", ())] >= most - LEFT, f"process_open_fds says {found[('process_open_fds', ())]} of {most}")
                            harness.check(found[("process_resident_memory_bytes", ())] > 0, "process_resident_memory_bytes is 0")
                        asked += 1
                    # Silent clients there do not shut the others out for good.
                    with crowds.crowd(base, 2):
                        harness.equal(admin.ask(base + "/healthz")[0], 200, "/healthz beside two silent clients")
                    time.sleep(0.2)
                harness.check(asked >= 8, f"only {asked} answers")
                harness.check(honest <= {client["id"] for client in admin.clients(base)}, "an honest player is gone")


harness.main(test)
