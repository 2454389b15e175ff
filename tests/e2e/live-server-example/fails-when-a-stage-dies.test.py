"""When one stage of examples/live-server is killed, it says which, stops the others, and exits with 1."""

import os
import signal
import subprocess

import harness


def test(t):
    ports = {f"SRS_{name}_PORT": str(harness.free_port()) for name in ("PUBLISH", "RTMP", "HTTP", "HLS")}
    server = t.start([os.path.join(harness.SOURCE, "examples", "live-server")],
                     env={**ports, "SRS_ADDRESS": "127.0.0.1", "SRS_WWW": t.path("www"), "SRS_ACCESS": t.path("access.toml"), "SRS_BIN": harness.BIN})
    harness.until(lambda: "Ctrl-C" in server.stdout() or not server.alive(), "the URLs")
    children = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", str(server.pid)],
                              capture_output=True, text=True, check=True).stdout
    pids = {name: int(pid) for pid, name in (line.split() for line in children.splitlines())}
    os.kill(pids["srs-relay"], signal.SIGKILL)
    harness.equal(server.wait(30), 1, f"exit status:\n{server.stderr()}")
    harness.check("srs-relay ended by itself" in server.stderr(), server.stderr())
    for name, pid in pids.items():
        harness.check(not os.path.exists(f"/proc/{pid}") or name == "sleep", f"{name} (pid {pid}) was left running")


harness.main(test)
