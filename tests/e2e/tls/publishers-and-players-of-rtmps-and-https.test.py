"""ffmpeg publishes over rtmps:// to srs-ingest and to srs-relay; ffmpeg, curl and VLC play over rtmps:// and https://, frame by frame
what plain players get, and see the end of the stream."""

import os
import shutil
import signal

import edge
import flv
import harness
import media
import tls
from players import streams


def test(t):
    certificate = tls.Certificate(t)
    trusting = ["-tls_verify", "1", "-ca_file", certificate.path]
    ingest, relay = t.pipeline(
        ["srs-ingest", "--listen", "rtmps://127.0.0.1:0", *certificate.options()],
        ["srs-relay", "--listen", "rtmps://127.0.0.1:0", "--listen", "https://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
         "--accept-publish", *certificate.options()])
    rtmps, https = relay.address("rtmps"), relay.address("https")
    publishers = [streams.ffmpeg_publish(t, f"{ingest.address('rtmps')}/live/a", media.fixture("long.flv"), loop=True),
                  streams.ffmpeg_publish(t, f"{rtmps}/live/b", media.fixture("long.flv"), loop=True)]
    for path in "live/a", "live/b":
        relay.wait_line(f"{path}: (begins|published)")
        streams.ffmpeg_play(t, f"{rtmps}/{path}", 30, before=trusting)
        streams.ffmpeg_play(t, f"{https}/{path}.flv", 30, before=trusting)

    recordings = [record(t, certificate, f"{https}/live/a.flv", "https.flv"), edge.record(t, relay.address("http") + "/live/a.flv", "http.flv")]
    over_rtmps = streams.ffmpeg_record(t, f"{rtmps}/live/a", t.path("rtmps.flv"), before=trusting)
    trust = t.path("trust")
    os.mkdir(trust)
    shutil.copy(certificate.path, trust)
    streams.vlc_play(t, f"{https.replace('127.0.0.1', 'localhost')}/live/a.flv", 50, ["--gnutls-dir-trust", trust])
    for _, path in recordings:
        edge.wait_media(path, 100, f"media in {path}")
    publishers[0].signal(signal.SIGTERM)
    for process, path in recordings:
        harness.equal(process.wait(), 0, f"status of curl that wrote {path}")
    harness.equal(over_rtmps.wait(), 0, "status of ffmpeg that plays over rtmps://")
    secured, plain = (frames(path) for _, path in recordings)
    first = max(secured[0][0], plain[0][0])
    harness.equal([f for f in secured if f[0] >= first], [f for f in plain if f[0] >= first], "what came over TLS")
    harness.check("warning" not in relay.stderr(), relay.stderr())


def record(t, certificate, url, name):
    path = t.path(name)
    return t.start(["curl", "--silent", "--show-error", "--no-buffer", "--fail", "--max-time", "90", "--cacert", certificate.path, url],
                   stdout=path), path


def frames(path):
    return [(tag.time, tag.kind, tag.body) for tag in flv.tags_of_file(path) if flv.is_media(tag)]


harness.main(test)
