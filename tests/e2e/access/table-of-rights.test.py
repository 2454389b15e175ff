"""Who may publish and play what: every way in with no key, a wrong one, the right one, an expired one, one for another stream and one
for another address; with RTMP, HTTP-FLV and each kind of file of HLS."""

import re
import urllib.parse

import harness
import rights

RULES = """
[keys.encoder]
key = "encoder-secret"
allow = ["publish live/cam1"]

[keys.viewer]
key = "viewer-secret"
allow = ["play live/cam1"]

[keys.elsewhere]
key = "secret-for-others"
allow = ["publish,play live/other"]

[keys.far]
key = "secret-from-afar"
allow = ["publish,play live/cam1"]
from = ["192.0.2.0/24"]

[keys.old]
key = "secret-of-yesterday"
allow = ["publish,play live/cam1"]
until = 2001-01-01T00:00:00Z

[keys.web]
key = "secret-of-the-web"
allow = [{actions = ["play"], paths = ["live/**"], protocols = ["hls", "http-flv"]}]
"""

REFUSED = {"none": "", "wrong": "?key=wrong-secret", "publisher's": "?key=encoder-secret", "expired": "?key=secret-of-yesterday",
           "other path": "?key=secret-for-others", "other address": "?key=secret-from-afar"}
RIGHT = "?key=viewer-secret"


def named_in(text):
    """The URIs in a playlist."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return re.findall(r'URI="([^"]+)"', text) + lines


def files_of(server):
    """One URL of each kind that a player comes to by the playlist: {kind: url with the query}"""
    found = {}
    todo = [server.server.hls("live/cam1") + RIGHT]
    kinds = {".m3u8": "playlist", "init": "map", ".key": "key"}
    seen = set()
    while todo:
        url = todo.pop()
        if url in seen:
            continue
        seen.add(url)
        name = urllib.parse.urlparse(url).path
        kind = next((kind for part, kind in kinds.items() if part in name), "part" if "part" in name else "segment")
        found.setdefault(kind if url != server.server.hls("live/cam1") + RIGHT else "multivariant", url)
        if name.endswith(".m3u8"):
            status, _, text = rights.fetch(url)
            harness.equal(status, 200, url)
            for uri in named_in(text.decode()):
                harness.check("key=viewer-secret" in uri, f"{url} names {uri} without the right")
                todo.append(urllib.parse.urljoin(url, uri))
    return found


def test(t):
    server = rights.Guarded(t, RULES, hls_options=["--low-latency", "--encrypt", "sample-aes", "--key-dir", t.path("keys")])
    for kind, query in REFUSED.items():
        if kind != "publisher's":
            harness.check(not server.may_publish("live/cam1", query), f"may publish with this key: {kind}")
    harness.check(not server.may_publish("live/cam1", RIGHT), "a viewer may publish")
    server.publisher("live/cam1?key=encoder-secret")
    harness.until(lambda: server.hls_status("live/cam1", RIGHT) == 200, "the stream in HLS")
    for kind, query in REFUSED.items():
        harness.check(not server.may_play_rtmp("live/cam1", query), f"RTMP plays with this key: {kind}")
        harness.check(not server.may_play_flv("live/cam1", query), f"HTTP-FLV plays with this key: {kind}")
    harness.check(server.may_play_rtmp("live/cam1", RIGHT), "RTMP does not play with the right key")
    harness.check(server.may_play_flv("live/cam1", RIGHT), "HTTP-FLV does not play with the right key")
    harness.check(server.may_play_flv("live/cam1", "?key=secret-of-the-web"), "HTTP-FLV does not play with a key for it")
    harness.check(not server.may_play_rtmp("live/cam1", "?key=secret-of-the-web"), "RTMP plays with a key for others")
    for fields in (rights.bearer("viewer-secret"), rights.basic("x", "viewer-secret"), {"Cookie": "a=b; srs_token=viewer-secret"}):
        harness.check(server.may_play_flv("live/cam1", fields=fields), f"HTTP-FLV does not play with {fields}")

    def kinds():
        found = files_of(server)
        return found if {"multivariant", "playlist", "segment", "part", "key"} <= set(found) else None
    for kind, url in harness.until(kinds, "a file of each kind").items():
        harness.equal(rights.status(url), 200, f"{kind} with the right key")
        for how, query in REFUSED.items():
            got = rights.status(url.split("?")[0] + query)
            harness.check(got in (401, 403), f"{kind} with this key ({how}): {got}")
    status, fields, _ = rights.fetch(server.server.hls("live/cam1"))
    harness.equal((status, fields["WWW-Authenticate"].split()[0]), (401, "Basic"), "answer without a key")
    for stage in server.server.stages:
        for secret in re.findall(r'key = "(.*)"', RULES):
            harness.check(secret not in stage.stderr(), f"{stage.name} says a secret: {stage.stderr()}")


harness.main(test)
