"""--forward-query: the origin decides for each player. A bad token gets nothing and takes nothing from good ones, in any order."""

import http.client
import http.server
import threading
import time
from urllib.parse import parse_qs, urlparse

import admin
import edge
import flv
import harness
import media
import rtmp


class TokenOrigin:
    """An HTTP-FLV server of one endless stream, for players whose token is good."""

    def __init__(self):
        self.good = {"good", "other"}
        self.slow = set()   # tokens that are answered late
        self.asked = []     # tokens, in the order in which they came
        tags = flv.tags_of_file(media.fixture("small.flv"))
        self._headers = [tag for tag in tags if not flv.is_media(tag)]
        self._media = [tag for tag in tags if flv.is_media(tag)]
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                origin._serve(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def _serve(self, request):
        token = parse_qs(urlparse(request.path).query).get("token", [""])[0]
        if not request.path.startswith("/live/cam.flv"):
            request.send_error(404)  # a probe
            return
        self.asked.append(token)
        if token in self.slow:
            time.sleep(1.5)
        if token not in self.good:
            request.send_error(403)
            return
        request.send_response(200)
        request.end_headers()
        try:
            self._play(request.wfile)
        except OSError:
            pass

    def _play(self, out):
        out.write(flv.HEADER)
        for tag in self._headers:
            out.write(flv.write_tag(tag.kind, 0, tag.body))
        length = 40 + max(tag.time for tag in self._media)
        begun, turn = time.monotonic(), 0
        while True:
            for tag in self._media:
                at = tag.time + turn * length
                time.sleep(max(0.0, at / 1000 - (time.monotonic() - begun)))
                out.write(flv.write_tag(tag.kind, at, tag.body))
            turn += 1


def status(relay, query, seconds=30):
    """What a player of live/cam is answered over HTTP."""
    at = urlparse(relay.address("http"))
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=seconds)
    connection.request("GET", "/live/cam.flv" + query)
    answer = connection.getresponse().status
    connection.close()
    return answer


def rtmp_code(relay, query):
    with rtmp.Client(relay.address("rtmp") + "/live/cam", seconds=30) as client:
        return client.play(name="cam" + query)


def plays(relay, query):
    harness.equal(status(relay, query), 200, f"status for {query!r}")
    harness.equal(rtmp_code(relay, query), "NetStream.Play.Start", f"code for {query!r}")


def is_refused(relay, query):
    harness.equal(status(relay, query), 404, f"status for {query!r}")
    harness.equal(rtmp_code(relay, query), "NetStream.Play.StreamNotFound", f"code for {query!r}")


def start(t, *options):
    origin = TokenOrigin()
    return origin, edge.start_edge(t, "--origin", origin.url, "--forward-query", *options)


def good_first(t):
    origin, relay = start(t)
    player, path = edge.record(t, relay.address("http") + "/live/cam.flv?token=good", "good.flv")
    edge.wait_media(path, 10, "media for a good token")
    is_refused(relay, "?token=bad")
    is_refused(relay, "")
    plays(relay, "?token=other")
    plays(relay, "?token=good")
    edge.wait_media(path, 25, "media for the one who played all the time")
    harness.check(player.alive(), "the player with the good token was cut off")
    harness.check("unwell" not in relay.stderr(), f"refusals count against the origin:\n{relay.stderr()}")


def bad_first(t):
    origin, relay = start(t)
    origin.slow.add("bad")
    answers = {}
    bad = threading.Thread(target=lambda: answers.update(bad=status(relay, "?token=bad")))
    bad.start()
    harness.until(lambda: "bad" in origin.asked, "the origin to be asked for the bad token")
    plays(relay, "?token=good")
    harness.check("bad" not in answers, "the good token had to wait for the bad one")
    bad.join(30)
    harness.equal(answers, {"bad": 404}, "status of the bad token")
    harness.check("unwell" not in relay.stderr(), f"refusals count against the origin:\n{relay.stderr()}")


def answers_are_kept(t):
    """A refusal for a moment, a permission a little longer: the origin is not asked by each player."""
    origin, relay = start(t)
    plays(relay, "?token=good")
    plays(relay, "?token=good")
    harness.equal(origin.asked.count("good"), 1, "how often the origin was asked for a token that is good")
    before = len(origin.asked)
    for _ in range(5):
        status(relay, "?token=bad")
    harness.check(len(origin.asked) - before < 5, f"it was asked each time: {origin.asked}")
    origin.good.add("bad")
    harness.until(lambda: status(relay, "?token=bad") == 200, "a refusal to be forgotten")


def nonsense_stays_outside(t):
    origin, relay = start(t)
    harness.equal(rtmp_code(relay, "?a=\x01\x02"), "NetStream.Play.StreamNotFound", "code for control characters")
    harness.equal(status(relay, "?a=" + "x" * 4000), 400, "status for a long query")
    harness.equal(rtmp_code(relay, "?a=" + "x" * 4000), "NetStream.Play.StreamNotFound", "code for a long query")
    harness.equal(origin.asked, [], "what the origin was asked for it")
    origin.good.add("a b#c")
    harness.equal(rtmp_code(relay, "?token=a b#c"), "NetStream.Play.Start", "code for a token with a space")
    harness.equal(origin.asked, ["a b#c"], "what the origin was asked for it")
    plays(relay, "?token=good")
    harness.check("unwell" not in relay.stderr(), f"a query counts against the origin:\n{relay.stderr()}")


def first_token_runs_out(t):
    """The pull goes on with a token of somebody else once its own is no longer good."""
    origin, relay = start(t, *admin.OPTION)
    first, path = edge.record(t, relay.address("http") + "/live/cam.flv?token=good", "first.flv")
    edge.wait_media(path, 10, "media")
    other, other_path = edge.record(t, relay.address("http") + "/live/cam.flv?token=other", "other.flv")
    edge.wait_media(other_path, 10, "media for the other token")
    origin.good.remove("good")
    before = len(origin.asked)
    pull = admin.clients(admin.address(relay), "pull")[0]
    admin.ask(f"{admin.address(relay)}/api/clients/{pull['id']}", method="DELETE")
    harness.until(lambda: "other" in origin.asked[before:], "the origin to be asked with the other token")
    edge.wait_media(path, 25, "media for the first")
    edge.wait_media(other_path, 25, "media for the other")


def test(t):
    good_first(t)
    bad_first(t)
    answers_are_kept(t)
    nonsense_stays_outside(t)
    first_token_runs_out(t)


harness.main(test)
