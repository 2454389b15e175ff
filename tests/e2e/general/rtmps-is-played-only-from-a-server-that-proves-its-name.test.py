"""rtmps://: srs-probe and srs-ingest play through TLS; a certificate that is not trusted, or is for another host, is refused
with a line that says what to do, and so is a server without TLS."""

import harness
import media
import tls


def test(t):
    relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--no-stdin", "--accept-publish"])
    port = int(relay.address("rtmp").rsplit(":", 1)[1])
    t.start(["ffmpeg", "-v", "error", "-stream_loop", "-1", "-re", "-i", media.fixture("long.flv"), "-c", "copy", "-f", "flv",
             relay.address("rtmp") + "/live/a"])
    relay.wait_line("live/a: published")
    certificate = tls.Certificate(t, names="DNS:localhost")
    front = tls.start(t, certificate, port)
    url = f"rtmps://localhost:{front.port}/live/a"
    trusting = {"SSL_CERT_FILE": certificate.path}

    probe = t.run(["srs-probe", "--for", "1s", "--json", url], env=trusting).succeeds()
    harness.check('"video"' in probe.stdout(), f"no video in the report:\n{probe.stdout()}")
    ingest = t.start(["srs-ingest", url], stdout=t.path("a.flv"), env=trusting)
    harness.until(lambda: _size(t.path("a.flv")) > 100_000, "srs-ingest to write")
    harness.equal(ingest.stop(), 0, "exit status of srs-ingest")

    def refused(wanted, tool_url, env=None):
        probe = t.run(["srs-probe", "--for", "1s", tool_url], env=env)
        harness.equal(probe.returncode, 1, "exit status of srs-probe")
        lines = probe.stderr().strip().splitlines()
        harness.check(len(lines) == 1 and wanted in lines[0], f"wanted one line with {wanted!r}, got {lines}")

    refused("SSL_CERT_FILE", url)
    refused("it is for another server", url.replace("localhost", "127.0.0.1"), trusting)
    refused("is it rtmp:// instead of rtmps://?", f"rtmps://localhost:{port}/live/a", trusting)


def _size(path):
    with open(path, "rb") as f:
        return f.seek(0, 2)


harness.main(test)
