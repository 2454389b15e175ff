"""SIGTERM: a relay takes nobody new, asks those who understand it to reconnect, and serves its players until they have left or --drain is over."""

import signal
import time

import edge
import flv
import harness
import rtmp


# curl's exit status for a body of chunks without the last one.
CUT_SHORT = 18


def wait_video(player, count):
    """Until it has got so many more messages of the picture."""
    while count:
        count -= player.receive()[0] == 9


def wait_refused(url):
    harness.until(lambda: not harness.accepts(int(url.rsplit(":", 1)[1])), f"{url} to be closed")


def until_all_have_left(t):
    origin = edge.Origin(t)
    url = origin.rtmp + "/live/cam"
    able, plain = rtmp.Client(url), rtmp.Client(url)
    harness.equal(able.play(capsEx=7), "NetStream.Play.Start", "answer to a player")
    harness.equal(plain.play(capsEx=6), "NetStream.Play.Start", "answer to a player")
    curl, recording = edge.record(t, origin.http + "/live/cam.flv", "drained.flv")
    edge.wait_media(recording, 10, "an HTTP player to play")
    origin.relay.signal(signal.SIGTERM)
    origin.relay.wait_line(r"SIGTERM: waits up to 30s until 3 players and 0 publishers have left")
    wait_refused(origin.rtmp)
    wait_refused(origin.http)
    _, transaction, nothing, status = able.wait_command("onStatus")
    harness.equal(status["code"], "NetConnection.Connect.ReconnectRequest", "what an able player is told")
    harness.equal((transaction, nothing, "tcUrl" in status), (0, None, False), "the request's form")
    wait_video(able, 30)  # at a message boundary: what follows is well-formed
    able.close()
    for _ in range(60):  # two seconds of the picture and its sound
        kind, _, body = plain.receive()
        harness.check(kind != 20, f"a player without capsEx was told {body!r}")
    edge.wait_media(recording, 30, "the HTTP player to play on")
    harness.check(origin.relay.alive(), "it ended under its players")
    plain.close()
    curl.signal(signal.SIGTERM)
    harness.equal(origin.relay.wait(10), 0, "exit status after the last player has left")


def until_the_time_is_over(t):
    origin = edge.Origin(t, "--drain", "2s")
    curl, recording = edge.record(t, origin.http + "/live/cam.flv", "timed.flv")
    edge.wait_media(recording, 10, "an HTTP player to play")
    begun = time.monotonic()
    origin.relay.signal(signal.SIGTERM)
    harness.equal(curl.wait(), CUT_SHORT, "exit status of curl: the stream goes on elsewhere")
    harness.check(time.monotonic() - begun > 1.9, "it did not wait")
    harness.equal(origin.relay.wait(10), 0, "exit status when the time is over")
    flv.check_monotonic(flv.tags_of_file(recording), "what the player recorded")


def at_once(t):
    for options, signals in (([], [signal.SIGTERM, signal.SIGTERM]), ([], [signal.SIGINT]), (["--drain", "0"], [signal.SIGTERM])):
        origin = edge.Origin(t, *options)
        curl, recording = edge.record(t, origin.http + "/live/cam.flv", "at-once.flv")
        edge.wait_media(recording, 10, "an HTTP player to play")
        for number in signals:
            origin.relay.signal(number)
            if len(signals) > 1 and number == signals[0]:
                origin.relay.wait_line("SIGTERM: waits")
                time.sleep(0.6)  # at once it would be the same signal sent twice
                signals = signals[1:]
        harness.equal(origin.relay.wait(10), 0, f"exit status after {signals} {options}")
        harness.equal(curl.wait(), CUT_SHORT, "exit status of curl")
        origin.kill()
    nobody = edge.Origin(t)
    nobody.relay.signal(signal.SIGTERM)
    harness.equal(nobody.relay.wait(5), 0, "exit status without players")


def publishers_are_asked(t):
    relay = t.start(["srs-relay", "--no-stdin", "--accept-publish", "--listen", "rtmp://127.0.0.1:0"])
    publisher = rtmp.Client(relay.address("rtmp") + "/live/cam")
    publisher.connect(capsEx=1)
    publisher.command("publish", 3, None, "cam", "live", stream=1)
    harness.equal(publisher.wait_status(), "NetStream.Publish.Start", "answer to a publisher")
    relay.signal(signal.SIGTERM)
    relay.wait_line("until 0 players and 1 publishers have left")
    publisher.send(9, bytes([0x17, 0, 0, 0, 0]), stream=1)  # it is told with the next that it says
    harness.equal(publisher.wait_status(), "NetConnection.Connect.ReconnectRequest", "what a publisher is told")
    publisher.close()
    harness.equal(relay.wait(5), 0, "exit status after the publisher has left: its stream waits for nobody")


def test(t):
    until_all_have_left(t)
    until_the_time_is_over(t)
    at_once(t)
    publishers_are_asked(t)


harness.main(test)
