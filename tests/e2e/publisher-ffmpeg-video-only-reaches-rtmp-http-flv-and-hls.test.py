"""A stream with video alone is a normal stream: players start, and are promised no audio."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    server = LiveServer(t)
    streams.ffmpeg_publish(t, server.publish("live/video"), media.fixture("video_only.flv"), loop=True)
    for url in (server.rtmp("live/video"), server.flv("live/video")):
        streams.ffmpeg_play(t, url, 45, stream="v")
    flv = t.path("head.flv")
    streams.curl_record(t, server.flv("live/video"), flv, 1)
    with open(flv, "rb") as f:
        harness.equal(f.read(5).hex(), "464c5601" + "01", "FLV signature, version and flags")
    server.wait_segments("live/video", 2)
    packets = media.framemd5(server.www + "/live/video.m3u8", before=["-live_start_index", "0"], after=["-t", "2"])
    harness.equal({p.stream for p in packets}, {"v"}, "kinds of packets in HLS")
    server.stop()


harness.main(test)
