"""A stream with audio alone is a normal stream: players start, and are promised no video."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/audio"), media.fixture("audio_only.flv"), loop=True)
    for url in (server.rtmp("live/audio"), server.flv("live/audio")):
        streams.ffmpeg_play(t, url, 80, stream="a")
    flv = t.path("head.flv")
    streams.curl_record(t, server.flv("live/audio"), flv, 1)
    with open(flv, "rb") as f:
        harness.equal(f.read(5).hex(), "464c5601" + "04", "FLV signature, version and flags")
    server.wait_segments("live/audio", 2)
    packets = media.framemd5(server.www + "/live/audio.m3u8", before=["-live_start_index", "0"], after=["-t", "2"])
    harness.equal({p.stream for p in packets}, {"a"}, "kinds of packets in HLS")
    server.stop()


harness.main(test)
