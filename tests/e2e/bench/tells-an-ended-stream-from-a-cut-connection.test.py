"""Players that only count bytes know the end of a stream from a server that dies, as players do that read everything."""

import json
import signal

import harness
import media

PLAYERS = 6


def play(t, url, verify):
    return t.start(["srs-bench", "--json", "play", "-n", str(PLAYERS), "--verify", str(verify), "--for", "25s", url])


def test(t):
    for how in ("end", "cut"):
        relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
        rtmp, http = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
        publisher = t.start(["srs-bench", "publish", "--for", "0", "--input", media.fixture("h264_aac.flv"), rtmp])
        players = {(kind, verify): play(t, url, verify) for kind, url in (("rtmp", rtmp), ("http", http)) for verify in (0, "all")}
        witness = t.run(["srs-bench", "play", "--for", "3s", rtmp])
        harness.equal(witness.returncode, 0, f"status of a player that leaves before the end:\n{witness.stderr()}")
        if how == "end":
            publisher.signal(signal.SIGTERM)
        else:
            relay.signal(signal.SIGKILL)
        for (kind, verify), player in players.items():
            status = player.wait()
            report = json.loads(player.stdout())
            ended, failed = report["clients"]["ended"], report["failures"]
            what = f"{kind}, --verify {verify}, {how}: {failed}"
            if how == "end":
                harness.equal((status, ended), (0, PLAYERS), f"status and ended players of {what}")
            else:
                harness.equal((status, ended), (1, 0), f"status and ended players of {what}")
                harness.equal(sum(failed.values()), PLAYERS, f"failed players of {what}")
            harness.equal(report["verified"]["players"], PLAYERS if verify == "all" else 0, f"verified players of {what}")
            harness.equal(report["frames"]["video"] > 0, verify == "all", f"whether frames were counted by {what}")
            harness.check(report["bytes"] > 100_000 * PLAYERS, f"{what}: {report['bytes']} bytes only")
            harness.equal(report["first_key_frame_ms"]["count"], PLAYERS, f"players that saw a key frame of {what}")
        for process in (publisher, relay):
            process.signal(signal.SIGKILL)
            process.wait()


harness.main(test)
