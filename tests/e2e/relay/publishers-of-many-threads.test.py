"""srs-relay --accept-publish --threads 4: each path has one thread, whichever accepted its publishers and players; none loses a message."""

import json

import admin
import flv
import harness
import media
import rtmp

COUNT = 12


def bench(t, command, url, *options):
    return t.start(["srs-bench", "--json", command, "-n", str(COUNT), "--ramp", "50/s", *options, url])


def check_report(players, what):
    harness.equal(players.wait(), 0, f"exit status ({what})")
    report = json.loads(players.stdout())
    harness.equal(report["clients"]["running"], COUNT, f"players that play to the end ({what})")
    verified = report["verified"]
    harness.check(verified["messages"] > COUNT * 50, f"{what}: {verified}")
    harness.equal((verified["out_of_order"], verified["timestamp_gaps"]), (0, 0), f"messages out of order and gaps ({what})")


def test(t):
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--threads", "4", "--grace", "60s", "--listen", "rtmp://127.0.0.1:0",
                     "--listen", "http://127.0.0.1:0", *admin.OPTION])
    base, url = admin.address(relay), relay.address("rtmp")
    bench(t, "publish", url + "/live/{n}", "--for", "0", "--input", media.fixture("small.flv"))
    harness.until(lambda: len(admin.clients(base, "publisher")) == COUNT, f"{COUNT} publishers")
    harness.equal(len({client["id"] for client in admin.clients(base, "publisher")}), COUNT, "ids")
    both = [bench(t, "play", address, "--for", "4s", "--verify", "all")
            for address in (url + "/live/{n}", relay.address("http") + "/live/{n}.flv")]
    for players, what in zip(both, ("RTMP", "HTTP-FLV")):
        check_report(players, what)

    # Whoever comes back to a path finds its stream, on whichever thread it arrives.
    tags = [tag for tag in flv.tags_of_file(media.fixture("small.flv"))[:40] if tag.kind != flv.SCRIPT]
    size = sum(len(tag.body) for tag in tags)
    player = None
    for i in range(8):
        with rtmp.Client(url + "/live/again") as publisher:
            harness.equal(publisher.publish(), "NetStream.Publish.Start", f"answer to publisher {i}")
            with rtmp.Client(url + "/live/again") as second:
                harness.equal(second.publish(), "NetStream.Publish.BadName", f"answer to a second beside publisher {i}")
            for tag in tags:
                publisher.send_tag(tag)
            player = player or t.start(["curl", "-sN", relay.address("http") + "/live/again.flv"], stdout=t.path("again.flv"))
            harness.until(lambda n=i: received_bytes(base) >= (n + 1) * size, f"all messages of publisher {i}")
        harness.until(lambda: "live/again" not in [c["stream"] for c in admin.clients(base, "publisher")], f"publisher {i} to be gone")
    harness.check(player.alive(), "the player was thrown out")
    harness.equal(relay.stop(), 0, "exit status")


def received_bytes(base):
    return sum(s["received_bytes"] for s in admin.get_json(base + "/api/streams") if s["stream"] == "live/again")


harness.main(test)
