"""srs-bench publishes over rtmps:// and plays over rtmps:// and https://, HTTP-FLV and HLS, with every message verified; a server that
--tls-ca does not name is refused with advice."""

import harness
import media
import tls


def test(t):
    certificate = tls.Certificate(t)
    trusting = ["--tls-ca", certificate.path]
    ingest, relay, hls = t.pipeline(
        ["srs-ingest", "--listen", "rtmps://127.0.0.1:0", *certificate.options()],
        ["srs-relay", "--listen", "rtmps://127.0.0.1:0", "--listen", "https://127.0.0.1:0", "--pass", *certificate.options()],
        ["srs-hls", "--listen", "https://127.0.0.1:0", "--target", "1s", "--format", "fmp4", *certificate.options()])
    publisher = t.start(["srs-bench", "publish", "-n", "4", "--for", "0", "--input", media.fixture("long.flv"), *trusting,
                         ingest.address("rtmps") + "/live/{n}"])
    relay.wait_line("live/3: begins")

    def succeeds(*arguments):
        run = t.run(["srs-bench", "play", "-n", "4", "--for", "4s", *trusting, *arguments])
        harness.equal(run.returncode, 0, f"status of {' '.join(run.argv)}: {run.stdout()} {run.stderr()}")

    for url in relay.address("rtmps") + "/live/{n}", relay.address("https") + "/live/{n}.flv":
        for verify in "all", "0":
            succeeds("--verify", verify, url)
    harness.until(lambda: tls.ask(hls.address("https") + "/live/0/av.m3u8", certificate)[1].count("#EXTINF") >= 3, "segments")
    succeeds(hls.address("https") + "/live/0.m3u8")

    refused = t.run(["srs-bench", "play", "--for", "2s", relay.address("rtmps") + "/live/0"])
    harness.equal(refused.returncode, 1, "status with a server that is not trusted")
    harness.check("the certificate of 127.0.0.1 is not accepted" in refused.stdout(), refused.stdout())
    harness.check(publisher.alive(), publisher.stderr())


harness.main(test)
