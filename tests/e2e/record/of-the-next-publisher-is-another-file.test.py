"""A publisher goes and another one comes within --grace: the recording of the first has no frame of the second, and each is as long as its media."""

import harness
import media
import recordings
from live import LiveServer
from players import streams


def test(t):
    folder = t.path("recordings")
    server = LiveServer(t, ingest_options=["--grace", "30s"], hls_options=["--record", folder])
    url = server.publish("live/cam")
    for name in ("h264_aac.flv", "small.flv"):
        publisher = streams.ffmpeg_publish(t, url, media.fixture(name))
        harness.until(lambda: recordings.files(folder, ".mp4") and server.hls_stage.stderr().count("records into") == (1 if name == "h264_aac.flv" else 2),
                      f"the recording of {name}")
        publisher.stop()
    server.stop()
    first, second = recordings.files(folder, ".mp4")
    for file, size in ((first, (640, 360)), (second, (320, 180))):
        told = recordings.check_sidecar(file)
        harness.equal((told["width"], told["height"]), size, f"size of the picture of {file}")
        harness.check(recordings.packets(file)["video"][0][2], f"{file} does not begin with a key frame")
        harness.check(recordings.decoded(file, "v"), f"no pictures in {file}")


harness.main(test)
