"""Commands too early, twice, or in the middle of others: refused, closed, or answered once."""

from scene import Scene, harness

from chunks import NULL, PONG, Peer, chunk, command, connect, create_stream, ping, play, player, publish, publisher

START = b"NetStream.Publish.Start"


def after_handshake(url, data, until=PONG):
    """(bytes received up to this text, whether the server closed)"""
    with Peer(url) as peer:
        peer.handshake()
        peer.try_send(data)
        return peer.receive_until(until)


def before_connect(scene):
    received, closed = after_handshake(scene.server.rtmp("live/honest"), play("honest"), until=b"StreamNotFound")
    harness.check(closed or b"StreamNotFound" in received, f"play before connect: {received[-200:]!r}")
    harness.check(b"Play.Start" not in received, "play before connect is played: live/honest without an app")
    received, closed = after_handshake(scene.server.publish("live/x"), publish("honest") + ping())
    # Without an app the name is "honest", which is another stream than live/honest.
    harness.check(closed or received, "publish before connect: neither closed nor answered")
    received, _ = after_handshake(scene.server.publish("live/x"), chunk(9, b"\x17\x01\x00\x00\x00" * 50, chunk_stream=6, stream=1) + ping())
    harness.check(PONG in received, "media before connect ended the connection or the ping was not answered")


def publish_twice(scene):
    """The second publish of a connection does not start a second stream."""
    with publisher(scene.server.publish("live/first")) as peer:
        peer.try_send(publish("second") + publish("first") + ping())
        received, closed = peer.receive_until(PONG)
        harness.check(START not in received, "publish twice: started twice")
        harness.check(closed or PONG in received, "publish twice: neither closed nor alive")


def publish_what_is_taken(scene):
    with Peer(scene.server.publish("live/honest")) as peer:
        harness.equal(peer.publish(), "NetStream.Publish.BadName", "answer to a second publisher of live/honest")


def connect_thrice(scene):
    received, closed = after_handshake(scene.server.publish("live/x"), connect() * 3 + create_stream() * 3 + ping())
    harness.check(closed or PONG in received, "connect three times: neither closed nor answered")


def play_and_publish_by_turns(scene):
    with player(scene.server.rtmp("live/honest")) as peer:
        peer.try_send(play("honest") + publish("honest") + command("seek", 0, None, -1e308, stream=1) + command("pause", 0, None, True, 0, stream=1)
                  + command("pause", 0, None, False, 0, stream=1) + ping())
        received, closed = peer.receive_until(PONG)
        harness.check(closed or PONG in received, "play twice: neither closed nor alive")
        harness.check(START not in received, "a player was accepted as a publisher at a relay that takes none")


def delete_stream_in_the_middle(scene):
    """Players delete their stream while frames are being written to them, at sixty different times."""
    delete = chunk(20, b"\x02\x00\x0cdeleteStream" + b"\x00" + bytes(8) + NULL + b"\x00" + bytes(8), stream=1)
    for i in range(60):
        with player(scene.server.rtmp("live/honest"), receive_buffer=4096 if i % 2 else None) as peer:
            if i % 3:
                peer.receive_for(0.01 * (i % 7))
            peer.try_send(delete)
            if i % 4 == 0:
                peer.try_send(play("honest") + delete)
            if i % 5 == 0:
                harness.check(peer.is_closed(), "deleteStream: the connection is still open")


def other_protocols(scene):
    for what, data in (("HTTP", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + b"x" * 2000), ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc" + b"x" * 2000)):
        for url in (scene.server.publish("live/x"), scene.server.rtmp("live/x")):
            with Peer(url) as peer:
                peer.try_send(data)
                harness.check(peer.is_closed(), f"{what} on an RTMP port: still open")


def test(t):
    with Scene(t, relay=["--wait", "0s"]) as scene:
        with scene.attack("play, publish and media before connect", memory_mb=2, lines=4):
            before_connect(scene)
        with scene.attack("publish twice, publish what is taken, connect thrice", memory_mb=2, lines=8):
            publish_twice(scene)
            publish_what_is_taken(scene)
            connect_thrice(scene)
        with scene.attack("play and publish by turns, seek, pause", memory_mb=2, lines=1):
            play_and_publish_by_turns(scene)
        with scene.attack("deleteStream in mid-write", memory_mb=4, lines=1):
            delete_stream_in_the_middle(scene)
        with scene.attack("HTTP and TLS on RTMP ports", memory_mb=2, lines=4):
            other_protocols(scene)


harness.main(test)
