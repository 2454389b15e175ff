"""Connections that send without pause and read all answers: the others of their thread get their turn."""

from scene import Scene, harness

from chunks import ACKNOWLEDGEMENTS, EMPTY, PINGS, player, publisher, talks


def test(t):
    with Scene(t) as scene:
        ingest, relay = scene.server.publish("live/evil"), scene.server.rtmp("live/honest")
        for what, block in (("pings", PINGS), ("acknowledgements", ACKNOWLEDGEMENTS)):
            with scene.attack(f"a player that sends {what} without pause", memory_mb=6, lines=1) as attack:
                with player(relay) as peer:
                    talks(peer, attack, block, what)
        for what, block in (("pings", PINGS), ("empty messages", EMPTY)):
            with scene.attack(f"a publisher that sends {what} without pause", memory_mb=6, lines=4) as attack:
                with publisher(ingest) as peer:
                    talks(peer, attack, block, what)


harness.main(test)
