"""A live server with rules, and short ways to ask it for things."""

import base64
import os
import urllib.error
import urllib.request

import harness
import media
import rtmp
from live import LiveServer

GRANTED = {"NetStream.Publish.Start", "NetStream.Play.Start"}
OPTIONS = ["--admin", "http://127.0.0.1:0"]


def write_rules(t, text):
    """The file of rules, replaced as a whole, as editors and mounted secrets do it."""
    path = t.path("access.toml")
    with open(path + ".new", "w") as f:
        f.write(text)
    os.rename(path + ".new", path)
    return path


class Guarded:
    """ingest | relay | hls with the same rules. hls_options: of srs-hls."""

    def __init__(self, t, rules, *, relay_options=(), hls_options=("--low-latency",)):
        self.t = t
        self.file = write_rules(t, rules)
        access = ["--access", self.file, *OPTIONS]
        self.server = LiveServer(t, ingest_options=access, relay_options=[*access, *relay_options],
                                 hls_options=[*access, *hls_options])

    def change(self, rules):
        """New rules, once all three stages have read them."""
        counts = [stage.stderr().count("read again") for stage in self.server.stages]
        write_rules(self.t, rules)
        for stage, before in zip(self.server.stages, counts):
            harness.until(lambda: stage.stderr().count("read again") > before, f"{stage.name} to read its rules again")

    def publisher(self, name, *more):
        """srs-bench as an encoder, until it is stopped."""

        return self.t.start(["srs-bench", "-q", "publish", "--for", "0", "--input", media.fixture("small.flv"), *more,
                             self.server.publish(name)])

    def may_publish(self, name, query=""):
        with rtmp.Client(self.server.publish(name)) as client:
            return client.publish(client.name + query) in GRANTED

    def may_play_rtmp(self, name, query=""):
        with rtmp.Client(self.server.rtmp(name)) as client:
            return client.play(client.name + query) in GRANTED

    def may_play_flv(self, name, query="", fields=None):
        return status(self.server.flv(name) + query, fields) == 200

    def hls_status(self, name, query="", fields=None):
        return status(self.server.hls(name) + query, fields)


def basic(user, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token):
    return {"Authorization": "Bearer " + token}


def fetch(url, fields=None, method="GET"):
    """(status, fields, text) of the first bytes of an answer."""
    request = urllib.request.Request(url, headers=fields or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=harness.PATIENCE) as answer:
            return answer.status, answer.headers, answer.read(1 << 16)
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def status(url, fields=None, method="GET"):
    request = urllib.request.Request(url, headers=fields or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=harness.PATIENCE) as answer:
            return answer.status
    except urllib.error.HTTPError as answer:
        return answer.code
