"""nginx with examples/cluster/nginx-hls-cache.conf in front of Low-Latency HLS: each playlist and part that twenty players wait for is
one request to srs-hls, all get the same bytes, a delta playlist is not mistaken for a whole one, and hls.js plays."""

import collections
import concurrent.futures

import harness
import hls
import media
from cluster_cache import start_nginx
from counting_proxy import CountingProxy
from hls import HlsServer
from players import browser

PLAYERS = 20
PARTS = 8


def follow(url, sequence, part):
    """What one player gets: the playlists that it waits for, and the part that each of them hints at."""
    got = []
    for _ in range(PARTS):
        status, _, body = hls.get(f"{url}/av.m3u8?_HLS_msn={sequence}&_HLS_part={part}&token={id(got)}")
        harness.equal(status, 200, f"status of the playlist with part {part} of segment {sequence}")
        got.append(((sequence, part), body))
        text = body.decode()
        name = hls.hint(text)
        status, _, body = hls.get(f"{url}/{name}")
        harness.equal(status, 200, f"status of {name}")
        got.append((name, body))
        sequence, part = hls.next_sequence(text), hls.open_parts(text)
    return got


def test(t):
    server = HlsServer(t, media.fixture("long.flv"), "--low-latency", "--part", "200ms", "--target", "1s", "--window", "30")
    server.wait_segments(4)
    origin = CountingProxy(int(server.base.rsplit(":", 1)[1]), delay=0)
    _, port = start_nginx(t, origin.port)
    base = f"http://127.0.0.1:{port}/live/cam"

    text = hls.get(f"{base}/av.m3u8")[2].decode()
    origin.counts.clear()
    with concurrent.futures.ThreadPoolExecutor(PLAYERS) as pool:
        players = list(pool.map(lambda _: follow(base, hls.next_sequence(text) + 1, 0), range(PLAYERS)))
    answers = collections.defaultdict(set)
    for name, body in (answer for player in players for answer in player):
        answers[name].add(body)
    harness.equal({name for name, bodies in answers.items() if len(bodies) > 1}, set(), "what was not the same for all")
    harness.check(sum(origin.counts.values()) <= len(answers), f"{origin.counts} for {len(answers)} playlists and parts")

    # Whoever asks for the difference gets that, whoever asks for all gets all.
    server.wait_segments(10)  # older ones than six target durations can be left out
    sequence = hls.next_sequence(hls.get(f"{base}/av.m3u8")[2].decode())
    for skip, skipped in (("&_HLS_skip=YES", True), ("", False)):
        body = hls.get(f"{base}/av.m3u8?_HLS_msn={sequence}{skip}")[2]
        harness.equal(b"EXT-X-SKIP" in body, skipped, f"a difference, asked for with '{skip}'")
    status, fields, _ = hls.get(f"{base}/av.m3u8", Accept_Encoding="gzip")
    harness.equal((status, fields.get("content-encoding")), (200, "gzip"), "status and encoding for who takes gzip")
    harness.equal(hls.get(f"{base}/av.m3u8?_HLS_msn={sequence + 100}")[0], 400, "status of a playlist of the far future")

    report = browser.play(t, "hls", f"{base}.m3u8", frames=100, seconds=5)
    harness.equal(report["errors"], [], "errors of hls.js")
    harness.check(report["loaded"]["parts"] > 10, f"hls.js did not play by parts: {report}")


harness.main(test)
