"""Signed URLs and tokens: what examples/sign-url prints plays in ffmpeg by HLS and HTTP-FLV, for its stream and its time only; a
token's claim says what it is for."""

import base64
import hashlib
import hmac
import json
import os
import time

import harness
import rights

SECRET = "0123456789abcdef0123456789abcdef"


def token(claims):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
    text = part(b'{"alg":"HS256"}') + "." + part(json.dumps(claims).encode())
    return text + "." + part(hmac.new(SECRET[::-1].encode(), text.encode(), hashlib.sha256).digest())


def test(t):
    with open(t.path("k1"), "w") as f:
        f.write(SECRET + "\n")
    server = rights.Guarded(t, f'''
[signed-urls]
allow = ["play live/**"]
[signed-urls.keys]
k1 = "file:{t.path("k1")}"

[tokens.site]
secret = "{SECRET[::-1]}"
''')

    def sign(url, *more):
        made = t.run([os.path.join(harness.SOURCE, "examples", "sign-url"), "--key-file", t.path("k1"), "--id", "k1", *more, url])
        return made.succeeds().stdout().strip()

    may = token({"sub": "alice", "exp": time.time() + 600, "permissions": ["publish live/cam1"]})
    harness.check(not server.may_publish("live/cam2", "?token=" + may), "a token for another stream publishes")
    server.publisher("live/cam1?token=" + may)
    signed = sign(server.server.hls("live/cam1"), "--for", "10m", "--prefix")
    harness.until(lambda: rights.status(signed) == 200, "the stream in HLS")
    server.server.wait_segments("live/cam1", 2)
    t.run(["ffmpeg", "-v", "error", "-xerror", "-i", signed, "-t", "3", "-f", "null", "-"]).succeeds()
    flv = sign(server.server.flv("live/cam1"), "--for", "10m")
    harness.equal(rights.status(flv), 200, "HTTP-FLV by a signed URL")
    harness.check(rights.status(flv.replace("cam1", "cam2")) in (401, 403), "a signed URL of another stream")
    harness.check(rights.status(signed.replace("exp=", "exp=9")) in (401, 403), "a signed URL whose time was changed")
    old = sign(server.server.hls("live/cam1"), "--for", "1s", "--prefix")
    time.sleep(1.5)
    harness.equal(rights.status(old), 403, "a signed URL whose time is over")


harness.main(test)
