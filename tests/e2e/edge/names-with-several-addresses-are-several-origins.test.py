"""SRV records and names with several addresses are several origins: the one with the best priority is asked, then the others."""

import dns
import flv
import harness
import media

_RECORDS = ["--host-record=a.example.test,127.0.1.1", "--host-record=b.example.test,127.0.1.2",
            "--host-record=both.example.test,127.0.1.1", "--host-record=both.example.test,127.0.1.2",
            "--srv-host=_rtmp._tcp.example.test,a.example.test,1936,10,1",
            "--srv-host=_rtmp._tcp.example.test,b.example.test,1937,20,1"]


def test(t):
    network = dns.start(t, _RECORDS)

    def origin(address, port):
        ingest, relay = t.pipeline(network.inside(["srs-ingest", "--realtime", "--loop", media.fixture("long.flv")]),
                                   network.inside(["srs-relay", "--stream", "live/cam", "--listen", f"rtmp://{address}:{port}"]))
        relay.wait_line("listening on")
        return ingest, relay

    first, second = origin("127.0.1.1", 1936), origin("127.0.1.2", 1937)
    edge = t.start(network.inside(["srs-relay", "--origin", "rtmp+srv://_rtmp._tcp.example.test", "--listen", "http://127.0.0.1:8080"]))
    edge.wait_line("2 addresses")
    path = t.path("srv.flv")
    player = t.start(network.inside(["/usr/bin/curl", "-sN", "http://127.0.0.1:8080/live/cam.flv?annotations=1"]), stdout=path)
    harness.until(lambda: flv.media_in(path) > 100, "media of the first origin")
    edge.wait_line(r"comes from origin rtmp://\S+:1936 \(127\.0\.1\.1:1936\)")
    for process in first:
        process.end()
    edge.wait_line(r"comes from origin rtmp://\S+:1937 \(127\.0\.1\.2:1937\)")
    before = flv.media_in(path)
    harness.until(lambda: flv.media_in(path) > before + 60, "media of the second origin")
    harness.check(player.alive(), "the player was thrown out")

    named = t.start(network.inside(["srs-relay", "--origin", "rtmp://both.example.test:1937", "--listen", "http://127.0.0.1:8081"]))
    named.wait_line("2 addresses")
    other = t.path("name.flv")
    t.start(network.inside(["/usr/bin/curl", "-sN", "http://127.0.0.1:8081/live/cam.flv"]), stdout=other)
    harness.until(lambda: flv.media_in(other) > 30, "media of the only address that is served")
    for process in second:
        process.end()


harness.main(test)
