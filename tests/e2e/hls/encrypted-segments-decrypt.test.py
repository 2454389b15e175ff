"""--encrypt: ffmpeg plays AES-128 from our server with keys that change, and finds the source's packets; SAMPLE-AES decrypts with the key; without keys there is nothing to see."""

import glob
import os
import subprocess

import harness
import hls
import media
from hls import HlsServer


def package(t, name, *options):
    www, keys = t.path(f"www-{name}"), t.path(f"keys-{name}")
    ingest, stage = t.pipeline(["srs-ingest", media.fixture("h264_aac.flv")],
                               ["srs-hls", "--stream", "x", "--vod", "--key-dir", keys, *options, www])
    harness.equal((ingest.wait(60), stage.wait(60)), (0, 0), f"exit statuses:\n{stage.stderr()}")
    return www, keys


def with_keys_beside(www, keys):
    for key in glob.glob(f"{keys}/x/*.key"):
        os.symlink(key, f"{www}/x/key-{os.path.basename(key)}")
    return ["-allowed_extensions", "ALL"]


def test(t):
    source = media.fixture("h264_aac.flv")
    for container in ("ts", "fmp4"):
        www, keys = package(t, container, "--format", container, "--encrypt", "aes-128", "--key-every", "2")
        harness.equal(sorted(os.listdir(f"{keys}/x")), ["0.key", "1.key", "2.key"], "keys of five segments")
        harness.equal({os.stat(path).st_mode & 0o777 for path in glob.glob(f"{keys}/x/*")}, {0o600}, "who may read keys")
        before = with_keys_beside(www, keys)
        if container == "fmp4":
            harness.equal(hls.contents(f"{www}/x.m3u8", before=before), hls.contents(source), "packets of AES-128 fMP4")
        decoded = [subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", *options, "-map", "0:v", "-f", "md5", "-"],
                                  capture_output=True, text=True, timeout=60, check=True).stdout
                   for options in (["-i", source], [*before, "-i", f"{www}/x.m3u8"])]
        harness.equal(decoded[1], decoded[0], f"decoded pictures of AES-128 in {container}")

    # ffmpeg's MP4 reader mixes up the samples of several encrypted fragments in a file: one at a time.
    www, keys = package(t, "sample", "--format", "fmp4", "--encrypt", "sample-aes", "--key-every", "1000")
    with open(f"{keys}/x/0.key", "rb") as f:
        key = f.read().hex()
    init = open(glob.glob(f"{www}/x/init-*.mp4")[0], "rb").read()
    found, hidden = [], []
    for number in range(5):
        whole = t.path("whole.mp4")
        with open(whole, "wb") as f:
            f.write(init + open(f"{www}/x/{number}.m4s", "rb").read())
        found += hls.contents(whole, before=["-decryption_key", key])
        hidden += hls.contents(whole)
    harness.equal(sorted(found), hls.contents(source), "packets of SAMPLE-AES")
    clear = set(hls.contents(source))
    share = sum(packet in clear for packet in hidden) / len(hidden)
    harness.check(share < 0.5, f"{share:.0%} of the packets are not encrypted at all")

    # From memory, with keys of our own, over HTTP.
    server = HlsServer(t, media.fixture("long.flv"), "--target", "1s", "--encrypt", "aes-128", "--key-every", "2")
    server.wait_segments(3)
    status, fields, body = server.get("live/cam/" + server.media().split('URI="')[1].split('"')[0])
    harness.equal((status, len(body), "max-age" in fields["cache-control"]), (200, 16, True), "a key over HTTP")
    harness.check(fields["cache-control"].startswith("private"), "keys are not for shared caches")
    player = t.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-i", server.url(), "-frames:v", "75", "-f", "null", "-"])
    harness.equal((player.returncode, player.stderr()), (0, ""), "ffmpeg playing encrypted live")
    server.stop()


harness.main(test)
