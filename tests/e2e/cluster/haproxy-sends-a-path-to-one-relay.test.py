"""HAProxy with examples/cluster/haproxy.cfg in front of two relays: all players of a path come to the same relay, different paths to
both; when a relay is killed the other one's players stay, and its paths are played from the other; RTMP goes by the player's address."""

import os

import edge
import flv
import harness
import media
from players import streams

_CONFIGURATION = os.path.join(harness.SOURCE, "examples", "cluster", "haproxy.cfg")
_PATHS = [f"live/cam{number}" for number in range(8)]


class Relay:
    """Holds all paths, as an edge would that can fetch them."""

    def __init__(self, t, number):
        # Of several streams in one pipe; each relay has a source of its own, so one can be killed alone.
        admin = harness.free_port()
        sources = [word for path in _PATHS for word in (media.fixture("long.flv"), "--name", path)]
        self.ingest, self.relay = t.pipeline(
            ["srs-ingest", "--realtime", "--loop", *sources],
            ["srs-relay", "-v", "--node", f"relay{number}", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
             "--admin", f"http://127.0.0.1:{admin}"])
        self.ports = {"RTMP": _port(self.relay.address("rtmp")), "HTTP": _port(self.relay.address("http")), "ADMIN": admin}
        harness.until(lambda: harness.accepts(admin), "the relay's monitoring")

    def plays(self, path):
        return sum(1 for line in self.relay.stderr().splitlines() if f"]: {path}: " in line and " plays over " in line)

    def kill(self):
        self.relay.end()
        self.ingest.end()


def _port(address):
    return int(address.rsplit(":", 1)[1])


def test(t):
    harness.equal(t.run(["haproxy", "-c", "-f", _CONFIGURATION]).returncode, 0, "haproxy -c on the example as it is")
    relays = [Relay(t, number) for number in (1, 2)]
    front = {"HTTP": harness.free_port(), "RTMP": harness.free_port()}
    env = {f"{name}_BIND": f"127.0.0.1:{port}" for name, port in front.items()}
    for number, relay in enumerate(relays, 1):
        env.update({f"RELAY{number}_{name}": str(port) for name, port in relay.ports.items()})
    haproxy = t.start(["haproxy", "-db", "-f", _CONFIGURATION], env=env)
    harness.until(lambda: haproxy.alive() and harness.accepts(front["HTTP"]), "haproxy to listen")
    http = f"http://127.0.0.1:{front['HTTP']}/"

    # Three players of each path.
    players = {}
    for path in _PATHS:
        for turn in range(3):
            url = f"{http}{path}.flv?token={turn}"
            players[path, turn] = edge.record(t, url, f"{path.replace('/', '-')}-{turn}.flv")
    for _, recorded in players.values():
        harness.until(lambda: os.path.getsize(recorded) > 0 and flv.media_in(recorded) > 10, f"media in {recorded}")
    of = {path: [relay.plays(path) for relay in relays] for path in _PATHS}
    harness.check(all(sorted(counts) == [0, 3] for counts in of.values()), f"players of each path at the two relays: {of}")
    first = [path for path in _PATHS if of[path][0]]
    second = [path for path in _PATHS if of[path][1]]
    harness.check(first and second, f"all paths went to one relay: {of}")

    relays[0].kill()
    # At once: HAProxy need not have seen it yet.
    for path in first[:2]:
        again, recorded = edge.record(t, f"{http}{path}.flv", "again-" + path.replace("/", "-"))
        harness.until(lambda: os.path.getsize(recorded) > 0 and flv.media_in(recorded) > 10 or not again.alive(), f"{path} from the other")
        harness.check(again.alive(), f"{path} cannot be played after its relay was killed: {again.stderr()}")
        harness.equal(relays[1].plays(path), 1, f"players of {path} at the other relay")
    for path in second:
        for turn in range(3):
            player, recorded = players[path, turn]
            edge.wait_media(recorded, 10, f"{path} to go on at the relay that lives")
            harness.check(player.alive(), f"a player of {path} was disconnected, but its relay lives")
    haproxy.wait_line(r"relays_http/relay1 is DOWN")
    streams.ffmpeg_play(t, f"rtmp://127.0.0.1:{front['RTMP']}/{first[0]}", 15)


harness.main(test)
