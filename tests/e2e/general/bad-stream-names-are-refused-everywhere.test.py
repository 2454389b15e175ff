"""Names with .., %2e, NUL, control characters or 300 bytes: refused by every port, and no file appears outside DIR."""

import http.client
import os
import socket
from urllib.parse import urlparse

import flv
import harness
import media
import rtmp
from live import LiveServer
from players import streams

BAD = [b"..", b"../x", b"../../../../tmp/x", b"a/../../x", b"%2e%2e/x", b"%2E%2e%2fx", b"..%2fx", b"a\0b", b"a\x01b", b"a\x1b[2Jb",
       b"a\nb", b"x" * 300, b"a" * 5000, b"\\..\\x", b".", b"a/./b", b"%00", b"x%0ay", b"\xff\xfe"]


def everything_under(directory):
    return {os.path.join(where, name) for where, folders, files in os.walk(directory) for name in folders + files}


def publish_refused(url, name, body):
    """Publishes anyway, and sends media, whatever the answer is."""
    with rtmp.Client(url) as client:
        try:
            code = client.publish(name)
            harness.check(code != "NetStream.Publish.Start", f"publishing as {name!r} was accepted")
            client.send_tag(body)
        except (rtmp.Closed, ConnectionError):
            pass  # as clear a refusal


def play_refused(url, name):
    with rtmp.Client(url) as client:
        try:
            code = client.play(name)
            harness.equal(code, "NetStream.Play.StreamNotFound", f"the answer to playing {name!r}")
        except (rtmp.Closed, ConnectionError):
            pass


def http_refused(url, path):
    at = urlparse(url)
    with socket.create_connection((at.hostname, at.port), 10) as client:
        client.settimeout(10)
        client.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        response = http.client.HTTPResponse(client)
        try:
            response.begin()
        except (http.client.HTTPException, ConnectionError):
            return  # closed without a word
        harness.check(400 <= response.status < 500, f"GET {path!r} of {url} gives {response.status}")
        harness.check(b"secret" not in response.read(), f"GET {path!r} of {url} gives a file outside DIR")


def test(t):
    server = LiveServer(t, relay_options=["--wait", "0s"])
    with open(t.path("secret.txt"), "w") as f:
        f.write("secret")
    publisher = streams.ffmpeg_publish(t, server.publish("live/cam"), media.fixture("long.flv"))
    server.wait_segments("live/cam", 1)
    before = everything_under(t.dir)
    key_frame = next(tag for tag in flv.tags_of_file(media.fixture("long.flv")) if flv.is_key_frame(tag))
    for name in BAD:
        publish_refused(server.publish("live/x"), name, key_frame)
        play_refused(server.rtmp("live/x"), name)
    # Also in the application's name.
    publish_refused(server.publish("../x"), "x", key_frame)
    publish_refused(server.publish("%2e%2e/x"), "x", key_frame)
    for name in [b"../secret.txt", b"live/../../secret.txt", b"%2e%2e/secret.txt", b"..%2fsecret.txt", b"live/%2e%2e/%2e%2e/secret.txt",
                 b"/../secret.txt", b"%00", b"a%00.flv", b"x" * 300 + b".flv", b"%2e%2e%2fx.flv", b"../x.flv", b"a%0ab.flv", b"a%01.m3u8",
                 b"%", b"%zz.flv", b"..\\secret.txt"]:
        for url in (server.flv("x"), server.hls("x")):
            http_refused(url, b"/" + name)
    for stage in server.stages:
        harness.check(stage.alive(), f"{stage.name} ended")
        harness.check("\x1b" not in stage.stderr() and "\0" not in stage.stderr(), f"{stage.name} says control characters")
    new = {path for path in everything_under(t.dir) - before
           if not path.startswith(os.path.join(server.www, "live", "cam"))}
    harness.equal(new, set(), "new files")
    harness.check(publisher.alive(), "the healthy publisher was harmed")
    server.stop()


harness.main(test)
