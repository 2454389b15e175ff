"""--tls-ca: an edge fetches over rtmps:// and https://, a relay pushes, and srs-ingest and srs-probe play, from servers whose certificate is
of an authority that only the option names; without it each is refused in one line that says what to do."""

import edge
import harness
import media
import tls


def test(t):
    authority = tls.Certificate(t, "authority")
    server = tls.Certificate(t, "localhost", authority).options()
    trusting = ["--tls-ca", authority.path]
    _, origin = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
        ["srs-relay", "--stream", "live/a", "--listen", "rtmps://127.0.0.1:0", "--listen", "https://127.0.0.1:0", *server])
    rtmps, https = (origin.address(scheme).replace("127.0.0.1", "localhost") for scheme in ("rtmps", "https"))

    for url in rtmps, https:
        follower = edge.start_edge(t, "--origin", url, *trusting)
        _, recording = edge.record(t, follower.address("http") + "/live/a.flv", f"{url[:5]}.flv")
        edge.wait_media(recording, 50, f"media through an edge of {url}")
        refused = edge.start_edge(t, "--origin", url, "--wait", "1s")
        edge.record(t, refused.address("http") + "/live/a.flv", "none.flv")
        refused.wait_line("certificate")

    target = t.start(["srs-ingest", "--listen", "rtmps://127.0.0.1:0", *server], stdout=t.path("pushed.flv"))
    push = ["--push", target.address("rtmps").replace("127.0.0.1", "localhost") + "/{path}"]
    pushing = t.pipeline(["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")],
                         ["srs-relay", "--stream", "live/b", *trusting, *push])[1]
    target.wait_line("live/b: published by")
    edge.wait_media(t.path("pushed.flv"), 50, "media that is pushed")
    harness.check("certificate" not in pushing.stderr(), pushing.stderr())

    for url in f"{rtmps}/live/a", f"{https}/live/a.flv":
        taken = t.path(f"{url[:5]}-taken.flv")
        t.start(["srs-ingest", *trusting, url], stdout=taken)
        edge.wait_media(taken, 30, f"media of {url} for srs-ingest")
        harness.check('"video"' in t.run(["srs-probe", "--for", "1s", "--json", *trusting, url]).succeeds().stdout(), f"no video at {url}")
        for tool in ["srs-ingest"], ["srs-probe", "--for", "1s"]:
            refused = t.run([*tool, url], stdout=t.path("refused.flv"))
            harness.equal(refused.returncode, 1, f"status of {tool[0]} that does not trust {url}")
            lines = refused.stderr().strip().splitlines()
            harness.check(len(lines) == 1 and "certificate" in lines[0], f"wanted one line on a certificate, got {lines}")

    for tool in ["srs-probe", rtmps + "/live/a"], ["srs-ingest", rtmps + "/live/a"], ["srs-relay", "--listen", "rtmp://:0"]:
        failed = t.run([*tool, "--tls-ca", t.path("missing.pem")], stdout=t.path("missing.flv"))
        harness.equal(failed.returncode, 1, f"status of {tool[0]} with a missing file")
        harness.check("--tls-ca: " in failed.stderr() and "missing.pem: No such file" in failed.stderr(), failed.stderr())


harness.main(test)
