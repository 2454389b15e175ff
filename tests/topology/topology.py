"""The topology that the tests here break: a source, two origins, a mid-tier, two edges, and players that count frames.

    source --push--> origin1, origin2 <-- mid <-- edge1, edge2 <-- players

Each is a node of its own. The mid-tier knows both origins; an edge knows the mid-tier, and as a stand-in both origins.
"""

import json
import os
import signal

import harness
import media

TIMEOUT = 1.0  # --origin-timeout, seconds
GOP = 1.0      # of the file that is played, seconds
FRAME_MS = 40
PATH = "live/cam"


class Player:
    """Counts the frames that one edge (or, when that is gone, the next) sends."""

    def __init__(self, node, edges):
        urls = [f"http://{edge.address}:8080/{PATH}.flv?annotations=1" for edge in edges]
        script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "watch.py")
        self.process = node.start(["python3", script, "150", *urls])

    def lines(self):
        return self.process.stdout().splitlines()

    def frames(self):
        """(wall seconds, timestamp) of each."""
        fields = [line.split() for line in self.lines()]
        return [(float(f[0]), int(f[1])) for f in fields if len(f) == 3]

    def lost(self):
        return sum(line == "lost" for line in self.lines())

    def discontinuities(self):
        return sum(line == "discontinuity" for line in self.lines())

    def wait(self, count, what):
        before = len(self.frames())
        harness.until(lambda: len(self.frames()) >= before + count, what)


class Topology:
    def __init__(self, t, net):
        self.t, self.net = t, net
        self.nodes = {name: net.node(name) for name in ("source", "origin1", "origin2", "mid", "edge1", "edge2", "players")}
        self.processes = {}
        for name in ("origin1", "origin2"):
            self.relay(name, "--no-stdin", "--accept-publish")
        origins = [f"rtmp://{self.nodes[name].address}:1935" for name in ("origin1", "origin2")]
        self.start_source(origins)
        self.relay("mid", "--origin", origins[0], "--origin", origins[1])
        mid = f"rtmp://{self.nodes['mid'].address}:1935"
        # Of weighted origins the heaviest is asked first.
        self.upstreams = ["--balance", "weighted", "--origin", mid + ";weight=100", "--origin", origins[0], "--origin", origins[1]]
        for name in ("edge1", "edge2"):
            self.relay(name, *self.upstreams)

    def start_source(self, origins):
        source = self.nodes["source"]
        self.t.pipeline(source.command(["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")]),
                        source.command(["srs-relay", "--stream", PATH, "--listen", f"rtmp://{source.address}:1935",
                                        "--push", origins[0] + "/{path}", "--push", origins[1] + "/{path}"]))

    def relay(self, name, *options):
        address = self.nodes[name].address
        process = self.nodes[name].start(["srs-relay", "--node", name, "--origin-timeout", f"{TIMEOUT:g}s",
                                          "--listen", f"rtmp://{address}:1935", "--listen", f"http://{address}:8080", *options])
        process.wait_line("listening on http")
        self.processes[name] = process

    def players(self):
        """One that counts frames for each edge, and 20 more for each that are the load."""
        edges = [self.nodes["edge1"], self.nodes["edge2"]]
        watching = {"edge1": Player(self.nodes["players"], edges), "edge2": Player(self.nodes["players"], edges[::-1])}
        for name, player in watching.items():
            player.wait(25, f"frames from {name}")
        urls = {name: (f"rtmp://{self.nodes[name].address}:1935/{PATH}", f"http://{self.nodes[name].address}:8080/{PATH}.flv")
                for name in watching}
        self.load = {name: [self.nodes["players"].start(["srs-bench", "play", "-n", "10", "--verify", "all", "--json", "--for", "0", url])
                            for url in pair] for name, pair in urls.items()}
        pid = self.load["edge1"][0].pid
        harness.until(lambda: _connections(pid) >= 42, "the load to be connected")
        watching["edge1"].wait(15, "frames under load")
        return watching

    def check_load(self, hit=()):
        """Ends the load, 10 players of each edge over RTMP and 10 over HTTP-FLV. Only edges that were killed (hit) have lost theirs,
        and nobody was sent times that go back."""
        for name, both in self.load.items():
            for process in both:
                process.signal(signal.SIGINT)
                process.wait()
                report = json.loads(process.stdout())
                clients, order = report["clients"], report["verified"]["out_of_order"]
                print(f"load at {name}: {clients['running']} of {clients['started']} players still there, {order} messages out of order, "
                      f"{report['verified']['timestamp_gaps']} timestamp gaps", flush=True)
                harness.equal(order, 0, f"{name}: messages out of order")
                harness.equal(clients["running"], 0 if name in hit else 10, f"{name}: players that are still there")

    def origin_of(self, name):
        """Which node `name` fetches the stream from now."""
        lines = [line for line in self.processes[name].stderr().splitlines() if "comes from origin" in line]
        harness.check(lines, f"{name} fetches nothing")
        return next(node for node, held in self.nodes.items() if f"//{held.address}:" in lines[-1])


def _connections(pid):
    """How many are established to ports 1935 and 8080 in the network of this process."""
    with open(f"/proc/{pid}/net/tcp") as f:
        fields = [line.split() for line in f.readlines()[1:]]
    return sum(f[3] == "01" and int(f[2].split(":")[1], 16) in (1935, 8080) for f in fields)


def _since(player, wall):
    """The frames from the last one before this time on."""
    frames = player.frames()
    return frames[max((i for i, (came, _) in enumerate(frames) if came < wall), default=0):]


def silence(player, since):
    """The longest time without a frame, in ms."""
    around = _since(player, since)
    return round(1000 * max(b[0] - a[0] for a, b in zip(around, around[1:])))


def judge(player, since, what, gap_seconds):
    """What a failure at the wall time `since` did to a player: (ms of media missing, ms without a new frame)."""
    around = _since(player, since)
    steps = [b[1] - a[1] for a, b in zip(around, around[1:])]
    harness.check(steps, f"{what}: no frame came afterwards")
    harness.check(min(steps) > 0, f"{what}: timestamps went back or stood still")
    missing, silent = max(steps) - FRAME_MS, silence(player, since)
    print(f"{what}: {missing} ms of media missing, {silent} ms without a frame, {player.lost()} reconnections", flush=True)
    harness.check(missing <= 1000 * gap_seconds, f"{what}: {missing} ms of media are missing")
    return missing, silent
