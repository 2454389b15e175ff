"""srs-relay --push: a stream reaches nginx-rtmp, another server, under its own name and under a key; keys are not in the log, the
stream's end is told there, and --match keeps the other streams out."""

import harness
import media
import nginx
from players import streams

KEY = "s3cret-k3y"


def test(t):
    if not nginx.program():
        print("nginx or its RTMP module is not installed: skipped")
        return
    server = nginx.start(t)
    relay = t.start(["srs-relay", "--listen", "rtmp://127.0.0.1:0", "--no-stdin", "--accept-publish", "--grace", "0s",
                     "--push", server.rtmp.replace("/live", "/{path}"), "--push", f"{server.rtmp}/{KEY}?token=t0ken-{KEY}",
                     "--match", "live/*", "-v"])
    url = relay.address("rtmp")
    publisher = streams.ffmpeg_publish(t, url + "/live/a", media.fixture("long.flv"))
    other = streams.ffmpeg_publish(t, url + "/other/b", media.fixture("long.flv"))
    for name in ("a", KEY):
        streams.ffmpeg_play(t, f"{server.rtmp}/{name}", 50)
        streams.ffmpeg_play(t, f"{server.rtmp}/{name}", 50, stream="a")
    player = streams.ffmpeg_record(t, server.rtmp + "/a", t.path("a.flv"))
    harness.until(lambda: streams.packets_in(t, t.path("a.flv")) > 0, "a player's first picture")

    # The metadata came as metadata: a player at nginx is told the size.
    probe = t.run(["srs-probe", "--json", "--for", "1s", server.rtmp + "/a"]).succeeds()
    harness.check('"width": 640' in probe.stdout(), f"no metadata at nginx:\n{probe.stdout()}")

    other.stop()
    publisher.signal(2)
    publisher.wait()
    relay.wait_line(r"live/a: push to \S*/live/a ended")
    relay.wait_line(r"live/a: push to \S*/live/\*\*\* ended")
    player.wait(10)  # nginx told it the end
    harness.equal(relay.stop(), 0, "exit status")
    said = relay.stderr() + "".join(p.stderr() for p in t.processes if p.name == "srs-relay")
    harness.check(KEY not in said, f"a key is in the log:\n{said}")
    harness.check("other/b: push" not in said, f"--match was not heeded:\n{said}")


harness.main(test)
