"""The disk is full: players are served from memory, the playlist on disk stays as it was and lists nothing that is missing or short, and all is well again soon after there is room."""

import os
import time

import harness
import hls
import media
import small_disk
from hls import HlsServer


def listed_and_whole(www):
    """Whether each file of the playlist on disk is there, and as long as it was for who asked the server."""
    with open(f"{www}/live/cam/av.m3u8") as f:
        text = f.read()
    for name in hls.segments(text):
        path = f"{www}/live/cam/{name}"
        harness.check(os.path.exists(path), f"{name} is listed and missing:\n{text}")
        harness.check(os.path.getsize(path) > 0 and os.path.getsize(path) % 188 == 0, f"{name} is short")
    return text


def test(t):
    with small_disk.mounted(t.path("www")) as www:
        server = HlsServer(t, media.fixture("popular.flv"), "--target", "1s", "--window", "4", "--admin", "http://127.0.0.1:0", www)
        server.wait_segments(2)
        ballast = small_disk.fill(www)
        server.stage.wait_line("No space left on device")
        stuck = listed_and_whole(www)
        sequence = hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE")
        harness.until(lambda: hls.number(server.media(), "EXT-X-MEDIA-SEQUENCE") >= sequence + 4, "memory to go on")
        for name in hls.segments(server.media()):
            harness.equal(server.get(f"live/cam/{name}")[0], 200, f"status of {name} while the disk is full")
        harness.equal(listed_and_whole(www), stuck, "the last good playlist")

        os.remove(ballast)
        server.stage.wait_line("files are written again")
        harness.until(lambda: listed_and_whole(www) != stuck, "the playlist on disk to go on")
        harness.check(hls.number(listed_and_whole(www), "EXT-X-MEDIA-SEQUENCE") > sequence, "the playlist on disk is old")
        for _ in range(20):
            listed_and_whole(www)
            time.sleep(0.1)
        server.stop()


harness.main(test)
