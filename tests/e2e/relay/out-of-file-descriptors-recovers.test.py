"""More players than file descriptors: those who are there play on, the relay says it once and does not spin, and later takes players again."""

import os
import time

import crowd
import harness
import media
from players import streams

LIMIT = 80
MOST = LIMIT - 8  # players get no more: the last ones are for other work
TOO_MANY = 60  # for each of two listeners


def test(t):
    file = media.fixture("h264_aac.flv")
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", file],
        ["prlimit", f"--nofile={LIMIT}:{LIMIT}", os.path.join(harness.BIN, "srs-relay"), "--stream", "live/x", "--threads", "2",
         "--stall-timeout", "1m", "--max-connections", "1000", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    urls = relay.address("rtmp") + "/live/x", relay.address("http") + "/live/x.flv"
    listening = crowd.sockets_of(relay)
    healthy = [t.start(media.framemd5_command(url, after=["-t", "8"])) for url in urls]
    harness.until(lambda: crowd.sockets_of(relay) == listening + len(healthy), "the relay to take the healthy players")

    # The kernel connects them up to the backlog, whether or not the relay accepts them.
    crowd_here = [crowd.connect(url) for url in urls for _ in range(TOO_MANY)]
    for client in crowd_here[TOO_MANY:]:
        crowd.request_http(client, urls[1])
    harness.until(lambda: len(os.listdir(f"/proc/{relay.pid}/fd")) >= MOST, "the relay to use all its file descriptors")
    relay.wait_line("cannot accept")

    began, cpu_before = time.monotonic(), crowd.cpu_seconds(relay)
    time.sleep(2)
    share = (crowd.cpu_seconds(relay) - cpu_before) / (time.monotonic() - began)
    harness.check(share < 0.3, f"the relay took {share:.0%} of a core while it could not accept")
    harness.check(len(os.listdir(f"/proc/{relay.pid}/fd")) >= MOST, "the relay was not at its limit all the time")

    for client in crowd_here:
        client.close()
    for url in urls:
        streams.ffmpeg_play(t, url, 30)
    wanted = media.framemd5(file)
    for player in healthy:
        crowd.check_looped(wanted, media.parse_framemd5(player.succeeds().stdout()), " ".join(player.argv), at_least=150)
    harness.until(lambda: crowd.sockets_of(relay) == listening, "all sockets of players to be closed")
    harness.check(relay.stderr().count("cannot accept") <= 3, f"too many lines about it:\n{relay.stderr()}")
    harness.check(ingest.alive() and relay.alive(), "a stage ended")


harness.main(test)
