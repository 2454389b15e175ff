"""Back-ends that speak SRS's and MediaMTX's contracts decide who publishes and plays; they are told of ends; one that is dead refuses,
or allows, as the rules say."""

import http.server
import json
import threading

import admin
import harness
import rights


class Back:
    """A back-end: answers each request as `answer` says, and remembers it."""

    def __init__(self, answer):
        self.asked = []
        back = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # noqa: N802
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                back.asked.append(asked)
                status, text = answer(asked)
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/asked"

    def of(self, action):
        return [asked for asked in self.asked if asked["action"] == action]


def test(t):
    srs = Back(lambda asked: (200, "0" if "secret" in asked.get("param", "secret") else '{"code": 1}'))
    mtx = Back(lambda asked: (200, "") if asked["user"] == "bob" or asked["action"] == "publish" else (401, ""))
    server = rights.Guarded(t, f'''
[anyone]
allow = ["admin.read"]

[hooks.srs]
url = "{srs.url}"
format = "srs"
events = ["publish", "unpublish", "play", "stop"]
ttl = "0s"

[hooks.mtx]
url = "{mtx.url}"
format = "mediamtx"
events = ["publish", "play"]
ttl = "0s"
''')
    harness.check(not server.may_publish("live/cam1"), "publishes without what the back-end wants")
    publisher = server.publisher("live/cam1?token=secret")
    ask = "?token=secret&user=bob&pass=x"
    harness.until(lambda: server.may_play_flv("live/cam1", ask), "the stream")
    harness.check(server.may_play_rtmp("live/cam1", ask), "RTMP does not play")
    harness.check(not server.may_play_rtmp("live/cam1", "?token=secret"), "plays though one of two refuses")
    harness.check(not server.may_play_rtmp("live/cam1", "?user=bob&pass=x"), "plays though the other refuses")
    harness.until(lambda: server.hls_status("live/cam1", ask) == 200, "HLS")
    harness.check(server.hls_status("live/cam1") in (401, 403), "HLS plays without anything")
    published = srs.of("on_publish")[-1]
    harness.equal({key: published[key] for key in ("app", "stream", "ip", "param")},
                  {"app": "live", "stream": "cam1", "ip": "127.0.0.1", "param": "?token=secret"}, "SRS's on_publish")
    harness.until(lambda: srs.of("on_stop"), "on_stop")
    played = mtx.of("read")[0]
    harness.equal({key: played[key] for key in ("user", "password", "ip", "path", "protocol")},
                  {"user": "bob", "password": "x", "ip": "127.0.0.1", "path": "live/cam1", "protocol": played["protocol"]}, "MediaMTX's read")
    publisher.end()
    harness.until(lambda: srs.of("on_unpublish"), "on_unpublish")
    harness.equal(srs.of("on_unpublish")[0]["client_id"], published["client_id"], "client_id of on_unpublish")

    _, _, text = rights.fetch(admin.address(server.server.relay) + "/metrics", {})
    answers = {dict(labels)["result"]: n for (name, labels), n in admin.samples(text.decode()).items()
               if name == "srs_hook_answers_total" and dict(labels)["hook"] == "hooks.srs"}
    harness.check(answers["allowed"] > 0 and answers["refused"] > 0, f"answers that are counted: {answers}")

    dead = f'[hooks.dead]\nurl = "http://127.0.0.1:{harness.free_port()}/"\nevents = ["publish", "play"]\ntimeout = "1s"\n'
    server.change(dead)
    harness.check(not server.may_publish("live/cam2"), "publishes though nobody decides")
    server.change(dead + 'on-error = "allow"\n')
    harness.check(server.may_publish("live/cam2"), "does not publish though errors allow it")


harness.main(test)
