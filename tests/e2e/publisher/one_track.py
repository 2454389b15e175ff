"""A stream of one track alone, published by ffmpeg, at each output: players start, and are promised nothing else."""

import harness
import media
from live import LiveServer
from players import streams


def check(t, name, kind, *, frames, flags):
    """name: of the fixture and the stream. kind: "a" or "v". frames: to be played. flags: of the FLV header."""
    server = LiveServer(t)
    stream = f"live/{name}"
    streams.ffmpeg_publish(t, server.publish(stream), media.fixture(f"{name}_only.flv"), loop=True)
    for url in (server.rtmp(stream), server.flv(stream)):
        streams.ffmpeg_play(t, url, frames, stream=kind)
    flv = t.path("head.flv")
    streams.curl_record(t, server.flv(stream), flv, 1)
    with open(flv, "rb") as f:
        harness.equal(f.read(5).hex(), "464c5601" + flags, "FLV signature, version and flags")
    server.wait_segments(stream, 2)
    packets = media.framemd5(server.www + f"/{stream}.m3u8", before=["-live_start_index", "0"], after=["-t", "2"])
    harness.equal({p.stream for p in packets}, {kind}, "kinds of packets in HLS")
    server.stop()
