"""Players that never read harm nobody: a healthy player gets every packet, and they are closed after --stall-timeout."""

import re

import crowd
import harness
import media
import tls


def closed(said):
    """How many players were closed, as lines that were merged say it: the first is a line of its own."""
    return len(re.findall("took nothing", said)) + sum(map(int, re.findall(r"took nothing.*\(and (\d+) more", said)))


def test(t):
    # Enough bits to fill the socket buffers of a player that does not read.
    ingest, relay = t.pipeline(
        ["srs-ingest", "--name", "live/x", "--realtime", "--loop", media.fixture("busy.flv")],
        ["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0",
         "--listen", "https://127.0.0.1:0", *tls.Certificate(t).options(), "--stall-timeout", "2s"])
    urls = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv", relay.address("https") + "/live/x.flv"
    clients = [crowd.ask(url) for url in urls for _ in range(20)]
    healthy = [t.start(media.framemd5_command(url, after=["-t", "9"])) for url in urls]
    wanted = media.framemd5(media.fixture("busy.flv"))
    for player in healthy:
        got = media.parse_framemd5(player.succeeds(40).stdout())
        crowd.check_looped(wanted, got, " ".join(player.argv), at_least=100)
    harness.until(lambda: closed(relay.stderr()) >= len(clients), "the relay to say that it closed stalled players")
    # What is left: the two listeners, and perhaps what asio needs.
    harness.until(lambda: crowd.sockets_of(relay) < 10, "the relay to close their sockets")
    harness.check(ingest.alive() and relay.alive(), "a stage ended")


harness.main(test)
