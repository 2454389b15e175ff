"""Each example in the man pages is run as it stands, but for ports, sizes and how long it takes.

Ports that an example listens on become free ones; those that it only connects to become the
ports of a live server that runs beside. Examples that go on for ever get SIGTERM in every
stage, as Ctrl-C would do it, and must then end well.
"""

import os
import re
import shutil
import signal
import subprocess
import time

import harness
import man
import media
from live import LiveServer
from players import streams


class Shell:
    """bash with a block of lines, in a process group of its own."""

    def __init__(self, t, text, folder):
        # The shell outlives the SIGTERM that its commands get, and tells what became of them.
        script = "trap : TERM\nset -o pipefail\n" + text
        path = harness.BIN + os.pathsep + os.environ["PATH"]
        self.process = t.start(["bash", "-c", script], cwd=folder, env={"PATH": path})

    def tools(self):
        """The pids of what it runs."""
        found = subprocess.run(["pgrep", "-g", str(self.process.pid)], capture_output=True, text=True, check=False).stdout
        return [int(pid) for pid in found.split() if int(pid) != self.process.pid]


def prepared(text, served):
    """The block with free ports and a modest load."""
    listening = {int(port) for port in re.findall(r"--listen \w+://[^\s/:]*:(\d+)", text)}
    free = {port: harness.free_port() for port in listening}

    def port_of(match):
        port = int(match.group(3))
        replacement = free.get(port) or served.get(port)
        harness.check(replacement, f"nothing listens on port {port} in:\n{text}")
        return f"{match.group(1)}127.0.0.1:{replacement}"
    text = re.sub(r"((rtmp|http)://)(?:127\.0\.0\.1)?:(\d+)", port_of, text)
    text = re.sub(r"-n \d+", "-n 5", text)
    text = re.sub(r"--for \d+s", "--for 2s", text)
    return re.sub(r"--ramp \d+/s", "--ramp 20/s", text), free.values()


def run(t, name, text, folder, ports):
    example, listening = prepared(text, ports)
    shell = Shell(t, example, folder)
    process = shell.process
    for port in listening:
        harness.until(lambda: harness.accepts(port) or not process.alive(), f"port {port} of an example of {name}")
    # Long enough for a wrong option or a missing file to show.
    end = time.monotonic() + (15 if re.search("--for|duration=", example) else 2.5)
    while process.alive() and time.monotonic() < end:
        time.sleep(0.05)
    ended_by_itself = not process.alive()
    for pid in shell.tools():
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    status = process.wait(8)
    said = process.stderr()
    harness.check(" --help)" not in said and "error:" not in said, f"an example of {name} says:\n{said}\n{example}")
    harness.equal(status, 0, f"status ({'ended by itself' if ended_by_itself else 'after SIGTERM'}) of an example of {name}:\n{example}")


def test(t):
    server = LiveServer(t, relay_options=["--wait", "2s"])
    ports = {1935: server.publish(""), 1936: server.rtmp(""), 8080: server.flv(""), 8081: server.hls("")}
    ports = {usual: int(re.search(r":(\d+)", url).group(1)) for usual, url in ports.items()}
    for name in ("live/test", "live/x"):
        streams.ffmpeg_publish(t, server.publish(name), media.fixture("h264_aac.flv"), loop=True)
    server.wait_segments("live/x", 1)
    count = 0
    for page in man.pages():
        folder = t.path(os.path.basename(page))
        os.mkdir(folder)
        shutil.copy(media.fixture("h264_aac.mp4"), os.path.join(folder, "a.mp4"))
        for name in ("a.flv", "b.flv"):
            shutil.copy(media.fixture("h264_aac.flv"), os.path.join(folder, name))
        with open(os.path.join(folder, "secret"), "w") as f:
            f.write("Authorization: Bearer x\n")
        for text in man.examples(page):
            run(t, os.path.basename(page), text, folder, ports)
            count += 1
    for stage in server.stages:
        harness.check("refused" not in stage.stderr() and "no such stream" not in stage.stderr(),
                      f"{stage.name} had to refuse an example:\n{stage.stderr()}")
    harness.check(count >= 10, f"only {count} examples were found")


harness.main(test)
