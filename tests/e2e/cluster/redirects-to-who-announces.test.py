"""--redirect with a registry: players are sent to the relay that announces their stream, at its URL for their protocol."""

import edge
import harness
from redis_server import RedisServer


def test(t):
    redis = RedisServer(t)
    rtmp, http = harness.free_port(), harness.free_port()
    ingest, holder = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", edge.media.fixture("long.flv")],
        ["srs-relay", "--stream", "live/a", "--listen", f"rtmp://127.0.0.1:{rtmp}", "--listen", f"http://127.0.0.1:{http}",
         "--registry", redis.url, "--advertise", f"rtmp://127.0.0.1:{rtmp}", "--advertise", f"http://127.0.0.1:{http}"])
    harness.until(lambda: redis.holders("live/a"), "live/a to be announced")
    relay = edge.start_edge(t, "--redirect", "--registry", redis.url)
    answer = t.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", relay.address("http") + "/live/a.flv"])
    harness.equal(answer.stdout(), f"302 http://127.0.0.1:{http}/live/a.flv", "the answer to an HTTP player")
    taken = t.path("ingest.flv")
    t.start(["srs-ingest", relay.address("rtmp") + "/live/a"], stdout=taken)
    edge.wait_media(taken, 20, "media for srs-ingest over RTMP")
    harness.check("comes from origin" not in relay.stderr(), "the relay that redirects fetched the stream itself")
    nobody = t.run(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", relay.address("http") + "/live/nobody.flv"])
    harness.equal(nobody.stdout(), "404", "the answer for a stream that nobody announces")


harness.main(test)
