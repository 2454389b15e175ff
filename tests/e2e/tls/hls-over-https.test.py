"""srs-hls --listen https://: ffmpeg plays, curl gets whole files however slowly it reads, from memory and from a directory, also parts of
them, and several requests of a connection."""

import filecmp
import os

import harness
import hls
import media
import tls
from players import streams

MEDIA = "/live/a/av.m3u8"
SLOW = ["--limit-rate", "3M"]


def test(t):
    certificate = tls.Certificate(t)
    trusting = ["-tls_verify", "1", "-ca_file", certificate.path]
    directory = t.path("www")
    in_files = t.pipeline(
        ["srs-ingest", media.fixture("heavy.flv"), "--name", "live/a"],
        ["srs-hls", "--stream", "live/a", "--linger", "10min", "--vod", "--target", "2s", "--listen", "https://127.0.0.1:0", *certificate.options(), directory])[1]
    in_memory = t.pipeline(
        ["srs-ingest", media.fixture("heavy.flv"), "--name", "live/a"],
        ["srs-hls", "--stream", "live/a", "--linger", "10min", "--window", "1000", "--target", "2s", "--listen", "https://127.0.0.1:0", *certificate.options()])[1]
    for stage in in_files, in_memory:
        base = stage.address("https")
        harness.until(lambda: "ENDLIST" in curl(t, certificate, base + MEDIA).stdout(), "the end of the playlist", every=0.5)
        streams.ffmpeg_play(t, base + "/live/a.m3u8", 50, before=trusting)
    names = sorted(name for name in os.listdir(os.path.join(directory, "live/a")) if name.endswith(".ts"))
    harness.check(len(names) > 1, f"segments: {names}")
    largest = max(names, key=lambda name: os.path.getsize(os.path.join(directory, "live/a", name)))
    file, url = os.path.join(directory, "live/a", largest), f"{in_files.address('https')}/live/a/{largest}"
    harness.check(os.path.getsize(file) > 2_000_000, f"{file} is too small to fill a socket")
    for options in (), SLOW:
        got = t.path("got.ts")
        curl(t, certificate, url, *options, "-o", got).succeeds()
        harness.check(filecmp.cmp(file, got, shallow=False), f"{url} with {options} differs")
    part = curl(t, certificate, url, "-r", "1000000-1999999", "-o", t.path("part.ts"))
    part.succeeds()
    with open(file, "rb") as whole, open(t.path("part.ts"), "rb") as f:
        harness.equal(f.read(), whole.read()[1_000_000:2_000_000], "a part of it")

    # From memory, in many pieces.
    segment = hls.segments(curl(t, certificate, in_memory.address("https") + MEDIA).stdout())[0]
    fast, slow = t.path("fast.ts"), t.path("slow.ts")
    both = f"{in_memory.address('https')}/live/a/{segment}"
    again = curl(t, certificate, both, "-v", "-o", fast, both, "-o", slow, *SLOW)
    again.succeeds()
    harness.check("Re-using existing connection" in again.stderr(), again.stderr())
    harness.check(os.path.getsize(fast) > 100_000 and filecmp.cmp(fast, slow, shallow=False), f"{both} differs")


def curl(t, certificate, url, *options):
    return t.run(["curl", "-sS", "--cacert", certificate.path, url, *options])


harness.main(test)
