"""DELETE /api/clients/ID ends one RTMP player, one HTTP-FLV player, a publisher, or a pull, and nobody else; what is not there is a 404."""

import admin
import edge
import harness
import media
from players import streams


def test(t):
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--grace", "2s", "--threads", "2", "--listen", "rtmp://127.0.0.1:0",
                     "--listen", "http://127.0.0.1:0", *admin.OPTION])
    base = admin.address(relay)
    rtmp, http = relay.address("rtmp"), relay.address("http")
    publishers = {path: streams.ffmpeg_publish(t, f"{rtmp}/{path}", media.fixture("long.flv")) for path in ("live/a", "live/b")}
    relay.wait_line(r"live/a: published")
    relay.wait_line(r"live/b: published")
    recordings = {}
    for name in ("rtmp1", "rtmp2"):
        recordings[name] = streams.ffmpeg_record(t, rtmp + "/live/a", t.path(name)), t.path(name)
    for name in ("http1", "http2"):
        recordings[name] = edge.record(t, http + "/live/a.flv", name)
    listed = harness.until(lambda: admin.clients(base, "player") if len(admin.clients(base, "player")) == 4 else None, "four players")
    harness.equal(sorted(client["protocol"] for client in listed), ["http-flv", "http-flv", "rtmp", "rtmp"], "protocols")
    harness.equal({client["stream"] for client in listed}, {"live/a"}, "streams")
    harness.equal(len({client["id"] for client in admin.clients(base)}), 6, "ids of four players and two publishers")
    for client in admin.clients(base):
        harness.equal(admin.get_json(f"{base}/api/clients/{client['id']}")["address"], client["address"], "one client alone")

    for id in ("nobody", "0-999999", "p-999999", "p-", "%22"):
        harness.equal(admin.ask(f"{base}/api/clients/{id}", "DELETE")[0], 404, f"DELETE of {id}")
        harness.equal(admin.ask(f"{base}/api/clients/{id}")[0], 404, f"GET of {id}")
    harness.equal(admin.ask(f"{base}/metrics", "DELETE")[0], 405, "DELETE of the metrics")

    for protocol in ("rtmp", "http-flv"):
        before = admin.clients(base)
        victim = next(client for client in before if client["protocol"] == protocol and client["kind"] == "player")
        harness.equal(admin.ask(f"{base}/api/clients/{victim['id']}", "DELETE")[0], 204, f"DELETE of {victim}")
        def gone():
            return {c["id"] for c in before} - {c["id"] for c in admin.clients(base)}
        harness.equal(harness.until(gone, f"{victim} to be gone"), {victim["id"]}, "who is gone")
        harness.equal(admin.ask(f"{base}/api/clients/{victim['id']}", "DELETE")[0], 404, "DELETE again")
    for kind in ("rtmp", "http"):
        running = [name for name in recordings if name.startswith(kind) and recordings[name][0].alive()]
        harness.until(lambda: sum(recordings[n][0].alive() for n in running) == 1, f"one {kind} player to end")
        left = next(n for n in running if recordings[n][0].alive())
        edge.wait_media(recordings[left][1], 25, f"{left} to play on")

    publisher = next(client for client in admin.clients(base, "publisher") if client["stream"] == "live/b")
    harness.equal(admin.ask(f"{base}/api/clients/{publisher['id']}", "DELETE")[0], 204, "DELETE of a publisher")
    relay.wait_line(r"live/b: ended")  # after its grace time
    harness.check(publishers["live/b"].wait(20) != 0, "its ffmpeg noticed nothing")
    harness.equal([c["stream"] for c in admin.clients(base, "publisher")], ["live/a"], "publishers that are left")
    left = next(n for n in recordings if recordings[n][0].alive())
    edge.wait_media(recordings[left][1], 25, "live/a to go on")

    # An edge goes on from its origin, which is none the worse for it.
    edge_relay = edge.start_edge(t, "--origin", rtmp, *admin.OPTION)
    base = admin.address(edge_relay)
    curl, recording = edge.record(t, edge_relay.address("http") + "/live/a.flv", "edge.flv")
    edge.wait_media(recording, 25, "a player at the edge to play")
    pull = admin.clients(base, "pull")[0]
    harness.equal((pull["stream"], pull["address"], pull["protocol"]), ("live/a", rtmp, "rtmp"), "the pull")
    harness.check(pull["received_bytes"] > 1000, f"received bytes of {pull}")
    harness.equal(admin.ask(f"{base}/api/clients/{pull['id']}", "DELETE")[0], 204, "DELETE of a pull")
    edge_relay.wait_line(r"live/a: origin \S+ is left: an operator")
    harness.until(lambda: [c for c in admin.clients(base, "pull") if c["id"] != pull["id"]], "another pull")
    edge.wait_media(recording, 50, "the edge's player to play on")
    harness.check(curl.alive(), "the edge's player was cut off")
    harness.equal(admin.value(base, "srs_origin_failures_total", origin=rtmp), 0, "failures of the origin")


harness.main(test)
