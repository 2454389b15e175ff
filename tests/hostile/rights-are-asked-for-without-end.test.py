"""Peers who show thousands of wrong keys, passwords, tokens and signatures, in every place and of every size: each is refused, passwords
wait their turn, and neither the log nor the audit grows with the number of refusals."""

import base64
import contextlib
import os
import subprocess

from scene import NAME, Scene, harness
from crowds import answers, connect, crowd, request

import rtmp

RULES = """
[anyone]
allow = ["publish,play live/honest"]

[keys.stage]
key = "a-key-that-nobody-guesses"
path = "live/stage"
allow = ["publish live/stage", "play"]

[users.alice]
password = "{hashed}"
allow = ["publish,play"]

[signed-urls.keys]
k1 = "0123456789abcdef0123456789abcdef"

[tokens.site]
secret = "fedcba9876543210fedcba9876543210"
"""


def rules(t):
    hashed = subprocess.run([os.path.join(harness.BIN, "srs-relay"), "--hash-password"], input=b"not guessed", capture_output=True,
                            check=True).stdout.decode().strip()
    path = t.path("rules.toml")
    with open(path, "w") as f:
        f.write(RULES.format(hashed=hashed))
    return path


def refused(url, *targets_and_fields):
    """Asks for all of them on one connection; each must be refused."""
    with connect(url) as client:
        asked = b"".join(request(target, *fields) for target, fields in targets_and_fields)
        got = answers(client, asked + request("/end", "Connection: close"))
    harness.check(got and set(got) <= {400, 401, 403, 404, 414, 431}, f"{url}: {set(got)}")


def path_of(url):
    return "/" + url.split("/", 3)[3]


def test(t):
    file = rules(t)
    audit = t.path("audit")
    stages = ["--access", file, "--audit", audit]
    with Scene(t, ingest=stages, relay=stages, hls=stages) as scene:
        flv, hls = scene.server.flv("live/other"), scene.server.hls("live/other")
        with scene.attack("2,000 wrong keys, tokens and signatures", memory_mb=24, lines=6):
            for base in flv, hls:
                for i in range(20):
                    refused(base, *[(path_of(base) + query.format(i=i, j=j), ())
                                    for j in range(10)
                                    for query in ("?key=guess{i}-{j}", "?token=aaaa.bbbb.{i}{j}", "?exp=9999999999&sig={i}{j}",
                                                  "?exp=1&acl=/*&kid=../../etc&sig=00", "?user=alice{j}&pass=x")])
        with scene.attack("400 keys in the place of a name", memory_mb=24, lines=6):
            for i in range(400):
                with contextlib.suppress(OSError, rtmp.Closed), rtmp.Client(scene.server.publish(f"live/guess-{i}")) as client:
                    harness.equal(client.publish(), "NetStream.Publish.Denied", "the answer to a guessed key")
        with scene.attack("200 passwords at a time", memory_mb=64, lines=8):
            word = base64.b64encode(b"alice:wrong").decode()
            with crowd(flv, 200) as clients:
                for client in clients:
                    client.sendall(request(path_of(flv), f"Authorization: Basic {word}", "Connection: close"))
                statuses = {status for client in clients for status in answers(client, b"", 120)}
            harness.check(statuses <= {401, 503}, f"{statuses}")
        with scene.attack("large and endless credentials", memory_mb=24, lines=6):
            for size in 1_000, 8_000, 15_000, 60_000:
                text = "a" * size
                refused(flv, (path_of(flv), (f"Authorization: Bearer {text}",)))
                refused(flv, (path_of(flv) + f"?key={text}", ()))
                refused(flv, (path_of(flv), (f"Authorization: Basic {base64.b64encode(text.encode()).decode()}",)))
                refused(hls, (path_of(hls) + "?" + "&".join(f"sig={i}" for i in range(size // 8)), ()))
        with scene.attack("300 players who show 3,000 bytes that nobody asked for", memory_mb=48, lines=4):
            honest = scene.server.hls(NAME)
            for i in range(300):
                with connect(honest) as client:
                    target = path_of(honest).replace(".m3u8", "/av.m3u8") + f"?key={i}-{'a' * 3_000}"
                    harness.equal(answers(client, request(target, "Connection: close")), [200], "the honest stream's playlist")
        with open(audit) as f:
            lines = sum(1 for _ in f)
        # Three stages; a thousand at once each, then twenty a second.
        harness.check(lines < 3 * (1_100 + 20 * 300), f"{lines} lines in the audit")
        harness.check("guess" not in "".join(stage.stderr() for stage in scene.stages), "a guessed key in the log")


harness.main(test)
