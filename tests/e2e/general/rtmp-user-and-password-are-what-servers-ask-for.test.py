"""rtmp://USER:PASSWORD@HOST/...: servers that ask for them, by authmod=adobe or llnw, let us in to play and to publish; a wrong password is said in one line, and no password in any."""

import subprocess

import flv
import harness
import media
from auth_server import PASSWORD, AuthServer

SCHEMES = [("adobe", True), ("adobe", False), ("llnw", True)]


def check_silent(process):
    """Nothing of the password is said."""
    for secret in (PASSWORD, "s3cret", "response="):
        harness.check(secret not in process.stderr(), f"{process.name} tells the password:\n{process.stderr()}")


def push(t, source, url):
    return t.pipeline(["srs-ingest", "--realtime", "--loop", source], ["srs-relay", "-v", "--push", url])[1]


def publishing(t, source):
    for scheme, opaque in SCHEMES:
        for app in ("live", "app/instance"):
            server = AuthServer(scheme, opaque=opaque, password="plain")  # FFmpeg knows no percent-encoding there
            subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-i", source, "-c", "copy", "-f", "flv", server.url(f"{app}/key", "alice:plain")],
                           timeout=60, check=True)
            harness.check(server.media > 100 and len(server.apps) == 3, f"FFmpeg did not get in by {scheme}: {server.apps}")
            server.close()

            server = AuthServer(scheme, opaque=opaque)
            relay = push(t, source, server.url(f"{app}/key"))
            harness.until(lambda: server.media > 100, f"the push to a server that asks by {scheme}: {server.apps}")
            harness.equal(len(server.apps), 3, f"connections of a push by {scheme}: {server.apps}")
            relay.end()
            check_silent(relay)
            server.close()


def playing(t, source):
    wanted = sum(map(flv.is_media, flv.tags_of_file(source)))
    for scheme, opaque in SCHEMES:
        server = AuthServer(scheme, opaque=opaque, file=source)
        out = t.path(f"{scheme}-{opaque}.flv")
        ingest = t.start(["srs-ingest", "-v", server.url("live/cam")], stdout=out)
        ingest.succeeds()
        harness.equal(flv.media_in(out), wanted, f"messages that srs-ingest got by {scheme}")
        probe = t.start(["srs-probe", "--for", "0", server.url("live/cam")], stdout=t.path("report"))
        probe.succeeds()
        edge = t.start(["srs-relay", "-v", "--no-stdin", "--origin", server.url(""), "--listen", "http://127.0.0.1:0"])
        played = t.path(f"{scheme}-{opaque}-played.flv")
        player = t.start(["curl", "-sSN", "-o", played, edge.address("http") + "/live/cam.flv"])
        harness.until(lambda: flv.media_in(played) > 0, f"media of an origin that asks by {scheme}")
        player.end()
        edge.end()
        for process in (ingest, probe, edge):
            check_silent(process)
        server.close()


def wrong(t, source):
    server = AuthServer("adobe")
    for who, line in (("alice:wr0ng", "does not take the user name or the password"), ("bob:s3cret", "does not take the user name or the password"),
                      ("", "wants a user name and a password: rtmp://USER:PASSWORD@HOST/...")):
        before = len(server.apps)
        probe = t.start(["srs-probe", server.url("live/cam", who)], stdout=t.path("report"))
        harness.equal(probe.wait(30), 1, f"exit status for {who}")
        harness.check(line in probe.stderr(), f"no line '{line}' for {who}:\n{probe.stderr()}")
        harness.check(len(server.apps) - before <= 3, f"connections for {who}: {server.apps[before:]}")
        check_silent(probe)
    relay = push(t, source, server.url("live/key", "alice:wr0ng"))
    relay.wait_line("does not take the user name or the password")
    harness.check("wr0ng" not in relay.stderr(), relay.stderr())
    relay.end()
    server.close()

    for command in (["srs-probe"], ["srs-ingest"], ["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--push"],
                    ["srs-relay", "--no-stdin", "--listen", "rtmp://127.0.0.1:0", "--origin"], ["srs-bench", "play"]):
        for url in ("rtmp://alice:s3cr%et@127.0.0.1:1/live/x", "rtmp://alice@127.0.0.1:1/live/x"):
            refused = t.run([*command, url])
            harness.equal(refused.returncode, 2, f"exit status of {command} for {url}: {refused.stderr()}")
            harness.check("s3cr" not in refused.stderr(), refused.stderr())


def test(t):
    source = media.fixture("h264_aac.flv")
    publishing(t, source)
    playing(t, source)
    wrong(t, source)


harness.main(test)
