"""nginx with examples/cluster/nginx-hls-cache.conf in front of srs-hls: twenty viewers who come at once are one request to srs-hls,
whatever their queries; playlists are fetched anew as the stream goes on; when srs-hls is stopped viewers still get the last ones."""

import collections
import concurrent.futures
import os
import re
import time
import urllib.error
import urllib.request

import harness
import media
from cluster_cache import start_nginx
from counting_proxy import CountingProxy


def get(url):
    """(status, X-Cache-Status, body)"""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return answer.status, answer.headers["X-Cache-Status"], answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers["X-Cache-Status"], error.read()


def get_at_once(url, count):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(lambda number: get(f"{url}?token={number}"), range(count)))


def segments(playlist):
    return re.findall(rb"^[^#\s]+\.ts$", playlist, re.MULTILINE)


def test(t):
    ingest, hls = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
        ["srs-hls", "--stream", "live/cam", "--listen", "http://127.0.0.1:0", "--target", "1s", t.path("www")])
    origin = CountingProxy(int(hls.address("http").rsplit(":", 1)[1]), delay=0.3)
    _, port = start_nginx(t, origin.port)
    base = f"http://127.0.0.1:{port}/live/"
    playlist = t.path("www/live/cam/av.m3u8")
    harness.until(lambda: os.path.exists(playlist), "the first playlist")

    answers = get_at_once(base + "cam/av.m3u8", 20)
    harness.equal({(status, body) for status, _, body in answers}, {(200, answers[0][2])}, "what twenty viewers of a playlist got")
    harness.equal(sum(origin.counts.values()), 1, "requests that srs-hls got for the playlist")
    name = segments(answers[0][2])[-1].decode()
    segment = f"cam/{name}"
    origin.counts.clear()
    answers = get_at_once(base + segment, 20)
    with open(t.path("www/live/" + segment), "rb") as f:
        original = f.read()
    harness.equal({(status, body == original) for status, _, body in answers}, {(200, True)}, "what twenty viewers of a segment got")
    harness.equal(sum(origin.counts.values()), 1, "requests that srs-hls got for the segment")
    states = collections.Counter(state for _, state, _ in answers)
    harness.equal(states["MISS"], 1, f"misses among {states}")
    with urllib.request.urlopen(urllib.request.Request(base + segment, headers={"Range": "bytes=188-375"}), timeout=10) as part:
        harness.equal((part.status, part.read() == original[188:376]), (206, True), "a range of a segment")

    # The stream goes on, and so does the playlist; never more than one request a second.
    origin.counts.clear()
    started = time.monotonic()
    harness.until(lambda: name.encode() != segments(get(base + "cam/av.m3u8")[2])[-1], "a newer playlist")
    seconds = time.monotonic() - started
    asked = sum(origin.counts.values())
    harness.check(1 <= asked <= seconds + 2, f"{asked} requests for a playlist in {seconds:.1f} s")
    harness.equal(get(base + "nobody.m3u8")[0], 404, "status of a stream that is not there")

    # srs-hls is gone: a thousand viewers still see what it made.
    get(base + "cam/av.m3u8")
    hls.end()
    ingest.end()
    time.sleep(1.5)  # what was fetched is no longer fresh
    for path in ("cam/av.m3u8", segment):
        for _ in range(3):
            status, state, _ = get(base + path)
            harness.equal(status, 200, f"status of {path} without srs-hls ({state})")
    harness.equal(get(base + "cam/av.m3u8")[1], "STALE", "what the playlist is without srs-hls")
    harness.equal(get(base + "other.m3u8")[0], 502, "status of what nobody has")


harness.main(test)
