"""Stream names of every kind, to publish, to play, and in URLs: accepted or refused by one rule; none creates a file or log line of its choice."""

import http.client
import os
import socket
import urllib.parse

from scene import Scene, harness

import flv
import media
import rtmp
from chunks import Peer

REFUSED = [
    b"../../x", b"a/../../b", b"..", b".hidden", b"a/.b", b"%2e%2e/x", b"a%00b", b"a\0b", b"a\\..\\b", b"a//b", b" ", b"a b",
    b"x" * 251, b"x" * 65_535, b"<b>x</b>", b"a'b", b'a"b', b"a|b", b"a*b", b"a#b", b"a:b", b"a\nsrs-ingest: error: forged", b"a\rb",
    b"\x1b[31mred", b"a\x7fb", b"\xff\xfe", b"\xc3", "a\u0085b".encode(), "a\u2028b".encode(), "a\u202eb".encode(), "\u200b".encode(),
    "a\u2066b".encode(), "\ufeffa".encode(),
]
# Odd but valid names; nothing in the server treats them specially.
TAKEN = [b"$(id)", b"`id`", b"a;b", b"a&b", b"-rf", b"~", b"x" * 250, "\u00e9\u4e16".encode(), b"av.m3u8", b"x.ts", b"live.flv", b"1.m4s", b"init.mp4"]


def start_of_stream():
    """Sequence headers and a few pictures, as tags."""
    return [tag for tag in flv.tags_of_file(media.fixture("small.flv")) if tag.kind != flv.SCRIPT][:20]


def answer(ask, name, refusal):
    """The code; for a command that is too large, a closed connection counts as a refusal."""
    try:
        return ask(name)
    except rtmp.Closed:
        harness.check(len(name) > 60_000, f"the connection was closed on {name[:60]!r}")
        return refusal


def publish_all(url, names, taken):
    tags = start_of_stream()
    for name in names:
        with Peer(url) as peer:
            code = answer(peer.publish, name, "NetStream.Publish.BadName")
            wanted = "NetStream.Publish.Start" if taken else "NetStream.Publish.BadName"
            harness.equal(code, wanted, f"the answer to publishing live/{name[:60]!r}")
            for tag in tags if taken else ():
                peer.send_tag(tag)


def play_all(url, names):
    for name in names:
        with Peer(url) as peer:
            harness.equal(answer(peer.play, name, "NetStream.Play.StreamNotFound"), "NetStream.Play.StreamNotFound", f"the answer to playing live/{name[:60]!r}")


def get_all(url, names, extension):
    """Literally, where a URL can contain them, and percent-encoded."""
    at = urllib.parse.urlparse(url)
    for name in names:
        for path in {urllib.parse.quote(name).encode(), name}:
            with socket.create_connection((at.hostname, at.port), 10) as client:
                client.sendall(b"GET /live/" + path + extension + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = http.client.HTTPResponse(client)
                try:
                    answer.begin()
                except (http.client.HTTPException, ConnectionError):
                    continue  # closed, without a response
                harness.check(400 <= answer.status < 600, f"GET /live/{path[:60]!r}: status {answer.status}")


def everything_under(directory):
    return {os.path.join(where, name) for where, folders, files in os.walk(directory) for name in folders + files}


def test(t):
    with Scene(t, relay=["--wait", "0s"]) as scene:
        server = scene.server
        before = everything_under(t.dir)
        with scene.attack("names that are refused: publish", memory_mb=2, lines=4):
            publish_all(server.publish("live/x"), REFUSED, taken=False)
        with scene.attack("names that are refused: play", memory_mb=2, lines=4):
            play_all(server.rtmp("live/x"), REFUSED)
        with scene.attack("names that are refused: GET", memory_mb=2, lines=3):
            get_all(server.flv("x"), REFUSED, b".flv")
            get_all(server.hls("x"), REFUSED, b".m3u8")
        honest = os.path.join(server.www, "live", "honest")
        new = {path for path in everything_under(t.dir) - before if not path.startswith(honest)}
        harness.equal(new, set(), "files that appeared for names that were refused")
        with scene.attack("names that are odd", memory_mb=16, lines=6 * len(TAKEN)):
            publish_all(server.publish("live/x"), TAKEN, taken=True)
        inside = {path for path in everything_under(t.dir) - before if not path.startswith(os.path.join(server.www, "live", ""))}
        harness.equal(inside, set(), "files outside the folder of the application")
        for stage in server.stages:
            for line in stage.stderr().split("\n"):
                harness.check(line.isprintable() and (not line or line.startswith(stage.name + ":")),
                              f"{stage.name} said a line of another's making: {line!r}")


harness.main(test)
