"""srs-bench plays from malicious servers, over RTMP, HTTP-FLV and HLS: it reports, and stays within its limits."""

import json

from scene import harness

import malicious
from client import Client

HTTP = [malicious.http_endless_status, malicious.http_endless_header, malicious.http_endless_headers, malicious.http_redirects,
        malicious.http_zeros, malicious.http_endless_chunk_size, malicious.http_silence, malicious.flv_largest_tag,
        malicious.flv_empty_tags, malicious.flv_one_byte_tags, malicious.flv_metadata]
RTMP = [malicious.rtmp_half_handshake, malicious.rtmp_silence, malicious.rtmp_deep_answer, malicious.rtmp_chunk_size_zero,
        malicious.rtmp_many_unfinished, malicious.rtmp_redirects, malicious.rtmp_long_refusal, malicious.rtmp_pings_unread,
        malicious.rtmp_one_byte_messages, malicious.rtmp_metadata, malicious.rtmp_pings_while_playing]
HLS = [malicious.hls_endless_playlist, malicious.hls_endless_line, malicious.hls_of_itself, malicious.hls_gigabytes,
       malicious.hls_absurd_numbers, malicious.hls_redirects, malicious.http_endless_headers, malicious.http_silence]


def bench(t, serve, scheme, path, memory_mb):
    """Three players, one of which reads everything; the run ends after --for, whatever the server does."""
    server = malicious.Server(serve)
    client = Client(t, ["srs-bench", "--json", "-n", "3", "--verify", "1", "--timeout", "2s", "--for", "3s", "play", server.url(scheme, path)])
    client.ends()
    what = serve.__name__.replace("_", " ")
    client.check(what, memory_mb=memory_mb, lines=8)
    report = json.loads(client.process.stdout())
    for reason in report["failures"]:
        harness.check(len(reason) <= 600 and reason.isprintable(), f"{what}: a reason of {len(reason)} bytes: {reason[:80]!r}")
    harness.check(len(client.process.stdout()) < 65536, f"{what}: a report of {len(client.process.stdout())} bytes")
    server.close()
    return report


def test(t):
    for serve in HTTP:
        bench(t, serve, "http", "/live/x.flv", 60)
    for serve in RTMP:
        bench(t, serve, "rtmp", "/live/x", 80)
    for serve in HLS:
        report = bench(t, serve, "http", "/live/x.m3u8", 100)
        harness.equal(report["hls"]["missed"] if report.get("hls") else 0, 0, f"segments missed of {serve.__name__}")


harness.main(test)
