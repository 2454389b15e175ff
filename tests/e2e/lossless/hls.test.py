"""The access units and audio frames in the TS segments are those of the file that was published."""

import harness
import media
from live import LiveServer
from players import streams


def test(t):
    path = media.fixture("h264_aac.flv")
    server = LiveServer(t, ingest_options=["--grace", "1s"], hls_options=["--window", "10"])
    streams.ffmpeg_publish(t, server.publish("live/cam"), path).succeeds()
    harness.until(lambda: "#EXT-X-ENDLIST" in server.playlist("live/cam"), "the end of the playlist")
    wanted = media.framemd5(path, after=media.NEUTRAL_FLV)
    # Of several AAC frames in a PES packet only the first carries a time; ffmpeg counts the others on.
    for source in (server.www + "/live/cam.m3u8", server.hls("live/cam")):
        media.lossless(wanted, media.framemd5(source, after=media.NEUTRAL_TS), tolerance=2, what=source)
    server.stop()


harness.main(test)
