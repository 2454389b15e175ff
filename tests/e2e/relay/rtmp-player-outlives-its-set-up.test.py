"""A player that only plays is not cut off by a deadline of its set-up (10 s): 13 s of the stream, over RTMP and HTTP-FLV."""

import harness
import media
import rtmp


def test(t):
    file = media.fixture("h264_aac.flv")
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", file],
        ["srs-relay", "--stream", "live/x", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"])
    over_http = t.start(media.framemd5_command(relay.address("http") + "/live/x.flv", after=["-t", "13"]))
    with rtmp.Client(relay.address("rtmp") + "/live/x") as client:
        harness.equal(client.play(), "NetStream.Play.Start", "the answer to play")
        first = newest = None
        try:
            while first is None or newest - first < 13000:
                kind, time, _ = client.receive()
                if kind == 9:
                    first, newest = time if first is None else first, time
        except rtmp.Closed as end:
            raise harness.Failed(f"the RTMP player was cut off after {(newest or 0) - (first or 0)} ms: {end}") from None
        # It said nothing after play; when it does, it is answered.
        client.send(4, b"\x00\x06\x00\x00\x00\x2a", chunk_stream=2)  # user control: ping request
        answers = (client.receive() for _ in range(500))
        harness.check(any(kind == 4 and body == b"\x00\x07\x00\x00\x00\x2a" for kind, _, body in answers), "no answer to a ping")
    pictures = [p for p in media.parse_framemd5(over_http.succeeds(30).stdout()) if p.stream == "v"]
    harness.check(pictures[-1].dts - pictures[0].dts >= 12500, f"the HTTP-FLV player got {len(pictures)} pictures")
    harness.check(ingest.alive() and relay.alive(), "a stage ended")


harness.main(test)
