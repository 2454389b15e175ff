"""srs-hls uploads to malicious origins: the stream continues for its players, and the upload queue is limited."""

from scene import harness

import malicious
import media
from hls import get, next_sequence
from memory import MEMORY_FACTOR, Memory, check_sanitizers

SERVERS = [malicious.http_silence, malicious.http_endless_status, malicious.http_endless_header, malicious.http_endless_headers,
           malicious.http_zeros, malicious.http_endless_chunk_size, malicious.http_redirects, malicious.http_redirect_to_file]
SEGMENTS = 4  # that players must receive meanwhile


def uploads(t, serve):
    what = serve.__name__.replace("_", " ")
    server = malicious.Server(serve)
    ingest, hls = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", "--name", "live/x", media.fixture("small.flv")],
        ["srs-hls", "--target", "1s", "--stream", "live/x", "--listen", "http://127.0.0.1:0", "--upload", server.url("http", "/"),
         "--upload-memory", "4M"])
    url = hls.address("http") + "/live/x/av.m3u8"
    memory = Memory([hls])

    def sequence():
        status, _, body = get(url)
        return next_sequence(body.decode()) if status == 200 else 0

    first = harness.until(sequence, f"a first segment ({what})")
    harness.until(lambda: sequence() >= first + SEGMENTS, f"{SEGMENTS} segments for players ({what})", every=0.2)
    harness.check(server.connections > 0, f"{what}: nothing was uploaded")
    grown = memory.grown_mb()[0]
    said = hls.stderr().splitlines()
    print(f"hostile-client | srs-hls --upload | {what} | {grown:.1f} | {len(said)} | {max(map(len, said), default=0)} |", flush=True)
    harness.check(hls.alive(), f"{what}: srs-hls ended: {said[-3:]}")
    check_sanitizers([hls])
    harness.check(grown <= 24 * MEMORY_FACTOR, f"{what}: srs-hls grew by {grown:.0f} MiB")
    harness.check(len(said) <= 8, f"{what}: srs-hls logged {len(said)} lines:\n" + "\n".join(said[:8]))
    harness.check(server.sent < 256 << 20, f"{what}: srs-hls read a response of {server.sent >> 20} MiB")
    harness.check(server.connections <= 60, f"{what}: {server.connections} connections")
    ingest.end()
    hls.end()
    server.close()


def test(t):
    for serve in SERVERS:
        uploads(t, serve)


harness.main(test)
