"""node-media-server, from npm: a server that is not ours, written in JavaScript; it relays streams when its REST interface says so."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import time
import urllib.request

import harness

_PROGRAM = os.path.join(harness.SOURCE, "tests/e2e/lib/players/node_modules/node-media-server/bin/app.js")
_SECRET = "of this test alone"


def _token():
    """A JSON Web Token (RFC 7519) that the interface takes."""
    def encode(raw):
        return base64.urlsafe_b64encode(raw).rstrip(b"=")
    text = b".".join(encode(json.dumps(part).encode()) for part in
                     ({"alg": "HS256", "typ": "JWT"}, {"username": "admin", "role": "admin", "exp": int(time.time()) + 600}))
    return (text + b"." + encode(hmac.new(_SECRET.encode(), text, hashlib.sha256).digest())).decode()


class NodeMediaServer:
    def __init__(self, t):
        harness.check(shutil.which("node"), "node is not installed")
        harness.check(os.path.exists(_PROGRAM), "node-media-server is not installed: tests/run does it")
        rtmp, http = harness.free_port(), harness.free_port()
        config = t.path(f"nms-{rtmp}.json")
        with open(config, "w") as f:
            json.dump({"bind": "127.0.0.1", "rtmp": {"port": rtmp}, "http": {"port": http},
                       "auth": {"play": False, "publish": False, "jwt": {"secret": _SECRET, "algorithm": "HS256", "users": []}},
                       "store": {"path": t.path(f"nms-{rtmp}")}, "record": {"auto": False, "path": t.path(f"nms-{rtmp}-record")}}, f)
        self.process = t.start(["node", _PROGRAM, "--no-admin", "-c", config], cwd=t.dir)
        for port in (rtmp, http):
            harness.until(lambda port=port: self.process.alive() and harness.accepts(port), "node-media-server to listen")
        self.rtmp = f"rtmp://127.0.0.1:{rtmp}"
        self.http = f"http://127.0.0.1:{http}"

    def pull(self, url, path):
        """From now on it fetches `url` and offers it as /`path`."""
        body = json.dumps({"url": url, "mode": "pull", "streamPath": "/" + path, "reconnect": True, "reconnectInterval": 500}).encode()
        request = urllib.request.Request(self.http + "/api/v1/relay", data=body, method="POST",
                                         headers={"Content-Type": "application/json", "Authorization": "Bearer " + _token()})
        with urllib.request.urlopen(request, timeout=10) as answer:
            harness.check(json.load(answer).get("success"), "node-media-server does not want to pull")
