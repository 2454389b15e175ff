"""srs-ingest fetches from malicious servers: it gives up with an error message, or continues within its limits."""

from scene import harness

import malicious
from client import Client
from memory import SANITIZED

# Each of these ends srs-ingest by itself, with status 1.
HTTP = [malicious.http_endless_status, malicious.http_endless_header, malicious.http_endless_headers, malicious.http_redirects,
        malicious.http_redirect_to_file, malicious.http_zeros, malicious.http_endless_chunk_size, malicious.http_silence,
        malicious.flv_largest_tag]
RTMP = [malicious.rtmp_half_handshake, malicious.rtmp_silence, malicious.rtmp_deep_answer, malicious.rtmp_chunk_size_zero,
        malicious.rtmp_many_unfinished, malicious.rtmp_redirects, malicious.rtmp_long_refusal, malicious.rtmp_pings_unread]
# These send something, so it continues; its standard output is a file.
ENDLESS = [malicious.flv_empty_tags, malicious.flv_one_byte_tags, malicious.flv_metadata]
ENDLESS_RTMP = [malicious.rtmp_one_byte_messages, malicious.rtmp_metadata, malicious.rtmp_pings_while_playing]
ENDLESS_FFMPEG = [malicious.hls_endless_playlist, malicious.hls_endless_variants]
FFMPEG = [malicious.hls_endless_line, malicious.hls_of_itself, malicious.http_redirects]


def name_of(serve):
    return serve.__name__.replace("_", " ")


def gives_up(t, serve, scheme, path, memory_mb=100):
    server = malicious.Server(serve)
    client = Client(t, ["srs-ingest", server.url(scheme, path)])
    status = client.ends()
    client.check(name_of(serve), memory_mb=memory_mb, lines=8)
    harness.equal(status, 1, f"status of srs-ingest, {name_of(serve)}")
    said = {"hls of itself": "it leads to more than 256 URLs", "hls endless variants": "it takes more than 256 MiB of memory"}
    harness.check(said.get(name_of(serve), "") in client.process.stderr(), f"{name_of(serve)}: the error was not logged")
    if serve is not malicious.hls_of_itself:
        harness.check(server.connections <= 12, f"{name_of(serve)}: {server.connections} connections")
    server.close()


def goes_on(t, serve, scheme, path, memory_mb=120):
    """Until it was sent 24 MB (of the smallest messages 2 MB: a million), or has ended with an error message.

    A sanitizer takes a minute for a million messages: a quarter of it.
    """
    wanted = (2 if serve is malicious.rtmp_one_byte_messages else 24) << 20 >> (2 if SANITIZED else 0)
    server = malicious.Server(serve)
    client = Client(t, ["srs-ingest", "--on-full", "drop-gop", server.url(scheme, path)])
    client.runs(lambda: server.sent > wanted, f"srs-ingest to take {wanted} bytes ({name_of(serve)})")
    client.check(name_of(serve), memory_mb=memory_mb, lines=12)
    server.close()


def test(t):
    for serve in HTTP:
        gives_up(t, serve, "http", "/live/x.flv")
    for serve in RTMP:
        gives_up(t, serve, "rtmp", "/live/x")
    for serve in ENDLESS:
        goes_on(t, serve, "http", "/live/x.flv")
    for serve in ENDLESS_RTMP:
        goes_on(t, serve, "rtmp", "/live/x")
    for serve in FFMPEG:
        gives_up(t, serve, "http", "/live/x.m3u8")
    # 45 MiB at the start, 256 of growth, and FFmpeg's structures for the last read before it checks: 32 KB of playlist
    # are up to 760 variants, 170 KB each.
    for serve in ENDLESS_FFMPEG:
        gives_up(t, serve, "http", "/live/x.m3u8", memory_mb=45 + 256 + 130)


harness.main(test)
