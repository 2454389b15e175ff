"""A name that nobody publishes: every client hears, before its own patience is over, that there is no such stream; over RTMP, over
HTTP-FLV, and through an edge."""

import json

import edge
import harness


def test(t):
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    second = edge.start_edge(t, "--origin", relay.address("rtmp"))
    hls = t.pipeline(["sleep", "300"], ["srs-hls", "--listen", "http://127.0.0.1:0", t.path("www")])[1]
    rtmp, http = relay.address("rtmp") + "/live/nope", relay.address("http") + "/live/nope.flv"
    far = second.address("rtmp") + "/live/nope", second.address("http") + "/live/nope.flv"
    playlist = hls.address("http") + "/live/nope.m3u8"
    not_found, is_404 = "StreamNotFound", "no such stream (HTTP 404)"
    asked = [(t.start(["srs-probe", url]), words) for url, words in ((rtmp, not_found), (http, is_404), (far[0], not_found), (far[1], is_404))]
    asked += [(t.start(["srs-ingest", url], stdout=t.path("taken")), words) for url, words in ((rtmp, not_found), (http, is_404))]
    asked += [(t.start(["ffmpeg", "-v", "error", "-i", url, "-f", "null", "-"]), words)
              for url, words in ((rtmp, "no such stream"), (http, "404 Not Found"))]
    runs = {url: t.start(["srs-bench", "--json", "play", "-n", "3", "--for", "2s", url]) for url in (rtmp, http, playlist)}
    table = t.start(["srs-bench", "play", "-n", "3", "--for", "2s", rtmp])
    for client, words in asked:
        harness.check(client.wait() != 0, f"{client.argv} ended well")
        harness.check(words in client.stderr(), f"{client.argv} says {client.stderr()!r}, not {words!r}")
    for url, cause in ((rtmp, "NetStream.Play.StreamNotFound"), (http, "HTTP 404"), (playlist, "HTTP 404")):
        harness.equal(runs[url].wait(), 1, f"status of srs-bench of {url}")
        report = json.loads(runs[url].stdout())
        harness.equal(report["failures"], {cause: 3}, f"why players of {url} got nothing")
        harness.check("live/nope" in report["failure_words"][cause], f"the server's words of {url}: {report['failure_words']}")
    harness.equal(table.wait(), 1, "status of srs-bench")
    harness.check("3 failed: NetStream.Play.StreamNotFound: live/nope: no such stream." in table.stdout(), table.stdout())


harness.main(test)
