"""Players that send endless requests and read no answers: the server stops reading them until they do."""

from scene import Scene, harness

from chunks import command, ping, player


def asks(url, attack, block, what):
    with player(url, receive_buffer=4096) as peer:
        for sent in peer.flood(block, attack):
            harness.check(sent < 32 << 20, f"{what}: srs-relay reads endless requests from a peer that reads no answers")


def test(t):
    with Scene(t) as scene:
        url = scene.server.rtmp("live/honest")
        blocks = {"pings": ping() * 2000,
                  "seeks": command("seek", 5, None, 0, stream=1) * 500,
                  "pauses": (command("pause", 6, None, True, 0, stream=1) + command("pause", 7, None, False, 0, stream=1)) * 300,
                  "commands that nobody knows": command("getStreamLength", 8, None, "x") * 500}
        for what, block in blocks.items():
            with scene.attack(f"a player that asks and does not read: {what}", memory_mb=4, lines=1) as attack:
                asks(url, attack, block, what)


harness.main(test)
