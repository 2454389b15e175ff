"""The name that a client asks for chooses the certificate. Files are read again on SIGHUP, and by themselves once they have changed;
those that cannot be used leave the old ones in force and are one line in the log. A connected player goes on."""

import os
import shutil
import signal
import time

import edge
import harness
import media
import tls


def test(t):
    first, second = tls.Certificate(t, "a.test"), tls.Certificate(t, "b.test")
    replacement = tls.Certificate(t, "c.test", names="DNS:a.test,IP:127.0.0.1")
    original = tls.read(first.path)
    _, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
        ["srs-relay", "--stream", "live/a", "--threads", "2", "--listen", "rtmps://127.0.0.1:0", "--listen", "https://127.0.0.1:0",
         *first.options(), *second.options()])
    https, rtmps = relay.address("https"), relay.address("rtmps")
    for url in https, rtmps:
        for name, wanted in (("a.test", first), ("b.test", second), ("unknown.test", first)):
            harness.equal(tls.shown(url, name), tls.read(wanted.path), f"certificate of {url} for {name}")
    recording = t.path("a.flv")
    player = t.start(["curl", "-sSNk", "--max-time", "90", https + "/live/a.flv"], stdout=recording)
    edge.wait_media(recording, 20, "media over TLS")

    replace(first, replacement)
    relay.signal(signal.SIGHUP)
    harness.until(lambda: tls.shown(https, "a.test") == tls.read(replacement.path), "the certificate after SIGHUP")
    relay.wait_line("the certificates of --tls-cert were read again")

    with open(first.path, "w") as f:
        f.write(original[:len(original) // 2])
    relay.wait_line(r"error: .*a\.test\.crt: .*; the certificates stay as they were")
    time.sleep(5)  # two more looks
    harness.equal(relay.stderr().count("stay as they were"), 1, "lines on one bad file")
    harness.equal(tls.shown(rtmps, "a.test"), tls.read(replacement.path), "the certificate beside a bad file")

    fourth = tls.Certificate(t, "d.test", names="DNS:a.test,IP:127.0.0.1")
    replace(first, fourth)
    harness.until(lambda: tls.shown(rtmps, "a.test") == tls.read(fourth.path), "the certificate after a change of the files")
    edge.wait_media(recording, 20, "the player to go on")
    harness.check(player.alive(), player.stderr())
    harness.equal(edge.discontinuities(recording), 0, "discontinuities")


def replace(certificate, other):
    """As certbot does: another file of the same name."""
    for to, source in ((certificate.key, other.key), (certificate.path, other.path)):
        shutil.copy(source, to + ".new")
        os.rename(to + ".new", to)


harness.main(test)
