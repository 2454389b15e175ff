"""srs-probe examines malicious servers: it reports, within its time and its limits."""

import json

from scene import harness

import malicious
from client import Client

# Without any media: the time-out ends it, or an error.
HTTP = [malicious.http_endless_status, malicious.http_endless_header, malicious.http_endless_headers, malicious.http_redirects,
        malicious.http_redirect_to_file, malicious.http_zeros, malicious.http_endless_chunk_size, malicious.http_silence]
RTMP = [malicious.rtmp_half_handshake, malicious.rtmp_silence, malicious.rtmp_deep_answer, malicious.rtmp_chunk_size_zero,
        malicious.rtmp_many_unfinished, malicious.rtmp_redirects, malicious.rtmp_long_refusal, malicious.rtmp_pings_unread]
# With endless data: --for ends it.
ENDLESS = [malicious.flv_largest_tag, malicious.flv_channels, malicious.flv_empty_tags, malicious.flv_one_byte_tags, malicious.flv_metadata]
ENDLESS_RTMP = [malicious.rtmp_one_byte_messages, malicious.rtmp_metadata, malicious.rtmp_pings_while_playing]
ENDLESS_FFMPEG = [malicious.hls_endless_playlist, malicious.hls_endless_variants]
FFMPEG = [malicious.hls_endless_line, malicious.hls_of_itself, malicious.http_redirects]


def probe(t, serve, scheme, path, memory_mb=140):
    server = malicious.Server(serve)
    client = Client(t, ["srs-probe", "--json", "--timeout", "2s", "--for", "2s", server.url(scheme, path)])
    status = client.ends()
    what = serve.__name__.replace("_", " ")
    client.check(what, memory_mb=memory_mb, lines=8)
    out = client.process.stdout()
    harness.check(len(out) < 1 << 20, f"{what}: a report of {len(out)} bytes")
    harness.check(server.connections <= 12 or serve is malicious.hls_of_itself, f"{what}: {server.connections} connections")
    server.close()
    return status, out


def test(t):
    for serve in HTTP:
        status, _ = probe(t, serve, "http", "/live/x.flv")
        harness.equal(status, 1, f"status of srs-probe, {serve.__name__}")
    for serve in RTMP:
        status, _ = probe(t, serve, "rtmp", "/live/x")
        harness.equal(status, 1, f"status of srs-probe, {serve.__name__}")
    for serve in ENDLESS:
        _, out = probe(t, serve, "http", "/live/x.flv")
        harness.equal(json.loads(out)["type"], "report", "type of the report")
    for serve in ENDLESS_RTMP:
        probe(t, serve, "rtmp", "/live/x")
    for serve in FFMPEG:
        probe(t, serve, "http", "/live/x.m3u8")
    for serve in ENDLESS_FFMPEG:
        probe(t, serve, "http", "/live/x.m3u8", memory_mb=400)


harness.main(test)
