"""Players that ask to go on at times and timelines of every kind: each is a player like others. A crowd that resumes as far back as it can,
and reads nothing, holds no more than other players, and is skipped like them."""

import time

from scene import Scene, harness
import crowds
from chunks import Peer

VALUES = ["0,", "1,", "4294967295,", "9007199254740992,", "9007199254740993,", "-1,", "99999999999999999999,", "0,a", "0," + "a" * 1900, "0,%0d%0aX:y",
          "0,%00", ",", "x", "", "0,&resume=1,", "%00"]
CROWD = 200


def first_line(client):
    """Of the answer."""
    client.settimeout(harness.PATIENCE)
    data = b""
    while b"\r\n" not in data:
        more = client.recv(4096)
        harness.check(more, f"closed behind {data[:100]!r}")
        data += more
    return data.split(b"\r\n")[0]


def ask(client, value):
    client.sendall(crowds.request(f"/live/honest.flv?annotations=1&resume={value}", "Via: 1.1 edge"))


def test(t):
    with Scene(t) as scene:
        url = scene.server.relay.address("http")
        with scene.attack("resume= of every kind", memory_mb=8, lines=3):
            for value in VALUES:
                with crowds.connect(url) as client:
                    ask(client, value)
                    harness.equal(first_line(client), b"HTTP/1.1 200 OK", f"the answer to resume={value[:40]}")
        with scene.attack("resume= of every kind, over RTMP", memory_mb=8, lines=3):
            for value in VALUES:
                with Peer(scene.server.rtmp("live/x")) as peer:
                    harness.equal(peer.play(f"honest?resume={value}".encode()), "NetStream.Play.Start", f"the answer to resume={value[:40]}")
        # Every time of the stream so far: some begin with the oldest key frame that is kept.
        with scene.attack(f"{CROWD} that resume in the past and read nothing", memory_mb=16, lines=3) as attack:
            with crowds.crowd(url, CROWD) as clients:
                for number, client in enumerate(clients):
                    ask(client, f"{number * 100},")
                for client in clients[::20]:
                    harness.equal(first_line(client), b"HTTP/1.1 200 OK", "the answer to one of the crowd")
                while attack.goes_on():
                    time.sleep(0.2)


harness.main(test)
