"""Low-Latency HLS is there with the first parts, long before the first segment is whole; what its playlists promise stays, with the sound
in the picture's playlist and apart."""

import re

import harness
import hls
import media
from checker import Checker


def first_answer(server, name):
    """The first playlist that there is: the request waits for it."""
    text = server.media(name)
    harness.check("#EXT-X-PART:" in text, f"no part in the first {name}.m3u8: {text}")
    harness.check("#EXTINF" not in text, f"the first {name}.m3u8 came with a whole segment: {text}")
    harness.equal(hls.number(text, "EXT-X-TARGETDURATION"), 30, f"target duration of {name}.m3u8")


def test(t):
    # Segments that are far from whole, however busy the machine is.
    for options, names in (((), ["av"]), (("--audio", "demuxed"), ["video", "audio"])):
        server = hls.HlsServer(t, media.fixture("long.flv"), "--low-latency", "--target", "30s", *options)
        server.stage.wait_line("live/cam: begins")
        status, _, body = server.get("live/cam.m3u8")
        harness.equal(status, 200, "status of the multivariant playlist")
        harness.check(re.search(rb"BANDWIDTH=[1-9]\d+,CODECS=.*RESOLUTION=640x360,FRAME-RATE=", body), body.decode())
        for name in names:
            first_answer(server, name)
            harness.check(f"cam/{name}.m3u8".encode() in body, f"{name} in {body.decode()}")
        server.stop()
    # From the first part on, as a player that was there before the stream.
    servers = [hls.HlsServer(t, media.fixture("long.flv"), "--low-latency", "--target", "1s", "--window", "12", *options)
               for options in ((), ("--audio", "demuxed"))]
    for server in servers:
        server.stage.wait_line("live/cam: begins")
    watching = [Checker(t, server.url(), 6) for server in servers]
    watching[0].conforms(segments=3, parts=20)
    watching[1].conforms(playlists=2, segments=6, parts=40)


harness.main(test)
