"""1,000 players that read nothing cost the relay less than 8 MiB of its own memory, and healthy players get every packet."""

import resource

import crowd
import harness
import media

STALLED = 500  # a protocol
MOST = 8 << 20


def test(t):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    file = media.fixture("popular.flv")
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", file],
        ["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
         "--stall-timeout", "1h"])
    urls = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
    listening = crowd.sockets_of(relay)
    healthy = [t.start(media.framemd5_command(url)) for url in urls]
    clock = crowd.Reader(urls[1])
    harness.until(lambda: crowd.sockets_of(relay) == listening + len(healthy) + 1, "the healthy players to be served")
    # Two seconds and a group of pictures are kept, of both protocols: by now that is there.
    harness.until(lambda: clock.newest_ms() > 4000, "the log to fill")

    before = crowd.private_bytes(relay)
    stalled = [crowd.ask(url) for _ in range(STALLED) for url in urls]
    began = clock.newest_ms()
    harness.until(lambda: clock.newest_ms() > began + 6000, "the stalled players to fall behind what is kept")
    harness.equal(crowd.sockets_of(relay), listening + len(healthy) + 1 + len(stalled), "sockets of the relay")
    grown = crowd.private_bytes(relay) - before
    harness.check(grown < MOST or crowd.is_instrumented("srs-relay"), f"{len(stalled)} stalled players cost {grown >> 10} KiB")

    ingest.stop()  # the healthy players are sent the rest of the stream, and end
    wanted = media.framemd5(file)
    for player in healthy:
        crowd.check_looped(wanted, media.parse_framemd5(player.succeeds().stdout()), " ".join(player.argv), at_least=250)


harness.main(test)
