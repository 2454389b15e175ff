"""Players that come and are cut off hard, many a second, over both protocols: healthy players miss nothing, and no socket is left."""

import collections
import random
import select
import time

import crowd
import harness
import media

VANISHING = 200
AT_ONCE = 30
SECONDS = 6


def take_some(client, size):
    """Reads a bit, so that the connection ends in the middle of a message rather than before it."""
    if size and select.select([client], [], [], 0)[0]:
        client.recv(size)


def test(t):
    chance = random.Random(1)
    file = media.fixture("popular.flv")
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", file],
        ["srs-relay", "--stream", "live/x", "--threads", "4", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    urls = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
    listening = crowd.sockets_of(relay)
    healthy = [t.start(media.framemd5_command(url)) for url in urls for _ in range(2)]
    harness.until(lambda: crowd.sockets_of(relay) == listening + len(healthy), "the healthy players to be served")

    here = collections.deque()
    began = time.monotonic()
    for number in range(VANISHING):
        time.sleep(max(0.0, began + number * SECONDS / VANISHING - time.monotonic()))
        way = number // 2 % 3
        # Some have only just connected, some have asked, some play.
        here.append(crowd.connect(urls[number % 2]) if way == 0 else crowd.ask(urls[number % 2]))
        if way == 2:
            take_some(here[-1], chance.randrange(20_000))
        if len(here) > AT_ONCE:
            crowd.reset(here.popleft())
    for client in here:
        crowd.reset(client)
    harness.until(lambda: crowd.sockets_of(relay) == listening + len(healthy), "the relay to close what vanished")

    ingest.stop()  # what is left of the stream goes out, and the healthy players end
    wanted = media.framemd5(file)
    for player in healthy:
        crowd.check_looped(wanted, media.parse_framemd5(player.succeeds().stdout()), " ".join(player.argv), at_least=SECONDS * 25)
    harness.equal(relay.wait(), 0, "exit status")


harness.main(test)
