"""--redirect: players are sent to the origin with their query; curl and the tools follow over HTTP and RTMP, also through several, but not forever."""

import edge
import harness


def test(t):
    origin = edge.Origin(t)
    relay = edge.start_edge(t, "--redirect", "--origin", origin.rtmp, "--origin", origin.http)
    for url, where in ((relay.address("http") + "/live/cam.flv?token=1", origin.http + "/live/cam.flv?token=1"),):
        answer = t.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", url])
        harness.equal(answer.stdout(), f"302 {where}", "the answer to an HTTP player")
    follow = t.path("follow.flv")
    t.start(["curl", "-sNL", relay.address("http") + "/live/cam.flv"], stdout=follow)
    edge.wait_media(follow, 20, "media for curl, which follows")

    # RTMP: an edge of a relay that redirects, and srs-ingest.
    second = edge.start_edge(t, "--origin", relay.address("rtmp"))
    player, path = edge.record(t, second.address("http") + "/live/cam.flv", "second.flv")
    edge.wait_media(path, 20, "media through an edge that was sent elsewhere")
    taken = t.path("ingest.flv")
    t.start(["srs-ingest", relay.address("rtmp") + "/live/cam"], stdout=taken)
    edge.wait_media(taken, 20, "media for srs-ingest")
    harness.check("comes from origin" not in relay.stderr(), "the relay that redirects fetched the stream itself")
    dump = t.run(["rtmpdump", "-q", "-v", "-r", relay.address("rtmp") + "/live/cam", "-o", t.path("dump.flv")], seconds=20)
    harness.check(dump.returncode != 0, "rtmpdump does not follow, and must not hang")

    # Two that send players to each other.
    ports = [harness.free_port(), harness.free_port()]
    for mine, other in (ports, ports[::-1]):
        t.start(["srs-relay", "--redirect", "--listen", f"rtmp://127.0.0.1:{mine}", "--origin", f"rtmp://127.0.0.1:{other}"]).wait_line("listening")
    lost = t.run(["srs-ingest", f"rtmp://127.0.0.1:{ports[0]}/live/cam"], stdout=t.path("lost.flv"), seconds=20)
    harness.equal(lost.returncode, 1, "status of a player that is sent around in circles")
    harness.check("more than five redirects" in lost.stderr(), lost.stderr())


harness.main(test)
