"""The disk that recordings go to is full: that is said once, players are served as before, what is there plays, and a new file begins soon after there is room."""

import os

import admin
import harness
import hls
import media
import recordings
import small_disk
from hls import HlsServer


def test(t):
    with small_disk.mounted(t.path("recordings")) as folder:
        server = HlsServer(t, media.fixture("popular.flv"), "--target", "1s", "--record", folder, "--record-segment", "1h",
                           *admin.OPTION)
        server.stage.wait_line("records into")
        ballast = small_disk.fill(folder)
        server.stage.wait_line("No space left on device")
        harness.equal(admin.value(admin.address(server.stage), "srs_record_failing", stream="live/cam"), 1, "metric of a recording that fails")
        sequence = hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE")
        harness.until(lambda: hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE") >= sequence + 8, "the playlist to go on")
        harness.equal(server.stage.stderr().count("No space left on device"), 1, "lines that say that the disk is full")
        os.remove(ballast)
        server.stage.wait_line("is recorded again")
        harness.equal(admin.value(admin.address(server.stage), "srs_record_failing", stream="live/cam"), 0, "metric of a recording that goes on")
        server.stage.stop()
        files = recordings.files(folder, ".mp4")
        # Each time that the source starts over begins a file, too.
        harness.check(len(files) >= 2, f"files: {files}")
        for file in files:
            recordings.check_sidecar(file)
            harness.check(recordings.decoded(file, "v"), f"no pictures in {file}")
        server.stop()


harness.main(test)
