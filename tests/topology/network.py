"""A network of nodes for one test: each node is a network namespace, all are on one switch.

    with network.Network(t) as net:
        origin = net.node("origin")
        relay = origin.start(["srs-relay", "--listen", f"rtmp://{origin.address}:1935", ...])
        origin.cut()

Names carry the pid of the test, so that tests run side by side; all is removed on every way out. Needs root.
"""

import os
import subprocess

import harness


def _ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=20, check=False)
    harness.check(done.returncode == 0, f"ip {' '.join(arguments)} (are we root?): {done.stderr}")


class Node:
    def __init__(self, network, name, number):
        self.network, self.name = network, name
        self.space = f"{network.prefix}{name}"
        self.address = f"10.77.0.{number}"
        self.port = f"p{number}"  # of the switch
        _ip("netns", "add", self.space)
        network.spaces.append(self.space)
        _ip("link", "add", self.port, "netns", network.switch, "type", "veth", "peer", "name", "eth0", "netns", self.space)
        _ip("-n", network.switch, "link", "set", self.port, "master", "switch", "up")
        _ip("-n", self.space, "link", "set", "lo", "up")
        _ip("-n", self.space, "link", "set", "eth0", "up")
        _ip("-n", self.space, "address", "add", f"{self.address}/24", "dev", "eth0")

    def command(self, argv):
        program = os.path.join(harness.BIN, argv[0]) if argv[0].startswith("srs-") else argv[0]
        return ["ip", "netns", "exec", self.space, program, *argv[1:]]

    def start(self, argv, **options):
        """The tool runs as this process: `ip` turns into it, so its pid is the tool's."""
        return self.network.t.start(self.command(argv), **options)

    def cut(self):
        _ip("-n", self.network.switch, "link", "set", self.port, "down")

    def mend(self):
        _ip("-n", self.network.switch, "link", "set", self.port, "up")

    def limit(self, bits_per_second):
        """What comes to this node comes at this rate only."""
        done = subprocess.run(["tc", "-n", self.network.switch, "qdisc", "add", "dev", self.port, "root", "tbf", "rate",
                               f"{bits_per_second}bit", "burst", "16kb", "latency", "100ms"],
                              capture_output=True, text=True, timeout=20, check=False)
        harness.check(done.returncode == 0, f"tc: {done.stderr}")


class Network:
    def __init__(self, t):
        self.t = t
        self.prefix = f"srs{os.getpid()}-"
        self.switch = self.prefix + "switch"
        self.spaces = []
        self.count = 0

    def __enter__(self):
        _ip("netns", "add", self.switch)
        self.spaces.append(self.switch)
        _ip("-n", self.switch, "link", "add", "switch", "type", "bridge")
        _ip("-n", self.switch, "link", "set", "switch", "up")
        return self

    def __exit__(self, *_):
        for process in self.t.processes:
            process.end()
        for space in reversed(self.spaces):
            subprocess.run(["ip", "netns", "delete", space], capture_output=True, timeout=20, check=False)

    def node(self, name):
        self.count += 1
        return Node(self, name, self.count)
