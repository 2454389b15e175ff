"""The disk that recordings go to is full: that is said once, players are served as before, what is there plays, and a new file begins soon after there is room."""

import os
import subprocess

import admin
import harness
import hls
import media
import recordings
from hls import HlsServer


def fill(path):
    with open(path, "wb", buffering=0) as f:
        try:
            while True:
                f.write(bytes(4096))
        except OSError:
            pass


def test(t):
    folder = t.path("recordings")
    os.mkdir(folder)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8M", "tmpfs", folder], check=True)  # as root
    try:
        server = HlsServer(t, media.fixture("popular.flv"), "--target", "1s", "--record", folder, "--record-segment", "1h",
                           *admin.OPTION)
        server.stage.wait_line("records into")
        fill(f"{folder}/ballast")
        server.stage.wait_line("No space left on device")
        harness.equal(admin.value(admin.address(server.stage), "srs_record_failing", stream="live/cam"), 1, "metric of a recording that fails")
        sequence = hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE")
        harness.until(lambda: hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE") >= sequence + 8, "the playlist to go on")
        harness.equal(server.stage.stderr().count("No space left on device"), 1, "lines that say that the disk is full")
        os.remove(f"{folder}/ballast")
        server.stage.wait_line("is recorded again")
        harness.equal(admin.value(admin.address(server.stage), "srs_record_failing", stream="live/cam"), 0, "metric of a recording that goes on")
        server.stage.stop()
        files = recordings.files(folder, ".mp4")
        harness.equal(len(files), 2, f"files: {files}")
        for file in files:
            recordings.check_sidecar(file)
            harness.check(recordings.decoded(file, "v"), f"no pictures in {file}")
        server.stop()
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


harness.main(test)
