"""--event: the playlist keeps all and only grows; --vod: it is there when the stream has ended; both say so, end with EXT-X-ENDLIST, and
hold every frame."""

import os
import time

import harness
import hls
import media
import recordings


def text(path):
    try:
        with open(path) as f:
            return f.read()
    except FileNotFoundError:
        return ""


def until_ended(t, option, form, revisions, pace=()):
    """srs-hls packages 10 s; revisions: of the playlist in the folder."""
    www = t.path(f"{option}-{form}")
    ingest, stage = t.pipeline(["srs-ingest", *pace, media.fixture("h264_aac.flv")],
                               ["srs-hls", f"--{option}", "--format", form, "--target", "1s", "--window", "3", "--stream", "live/cam",
                                "--listen", "http://127.0.0.1:0", "--linger", "2s", www])
    playlist = os.path.join(www, "live/cam/av.m3u8")
    while ingest.alive():
        now = text(playlist)
        if now and (not revisions or now != revisions[-1]):
            revisions.append(now)
        time.sleep(0.05)
    harness.until(lambda: "#EXT-X-ENDLIST" in text(playlist), "the end of the list")
    served = hls.get(f"{stage.address('http')}/live/cam/av.m3u8")[2].decode()
    harness.equal(hls.segments(served), hls.segments(text(playlist)), "what is served and what is on disk")
    harness.equal(stage.wait(20), 0, "exit status")
    whole, source = os.path.join(www, "live/cam.m3u8"), media.fixture("h264_aac.flv")
    harness.equal(recordings.decoded(whole, "v"), recordings.decoded(source, "v"), f"pictures of --{option} as {form}")
    harness.equal(len(recordings.packets(whole)["audio"]), len(recordings.packets(source)["audio"]), f"sounds of --{option} as {form}")
    return text(playlist)


def test(t):
    for form, pace in (("ts", ["--realtime"]), ("fmp4", [])):
        revisions = []
        whole = until_ended(t, "event", form, revisions, pace)
        harness.check(len(revisions) >= (5 if pace else 0), f"{len(revisions)} revisions of an event's playlist")
        for before, after in zip(revisions, revisions[1:] + [whole]):
            harness.check("#EXT-X-PLAYLIST-TYPE:EVENT\n" in after, "no type EVENT")
            lines = [line for line in before.splitlines() if not line.startswith("# ")]
            harness.equal([line for line in after.splitlines() if not line.startswith("# ")][:len(lines)], lines, "an event's playlist that changed")
        harness.equal(len(hls.segments(whole)), 10, "segments of an event")

    revisions = []
    whole = until_ended(t, "vod", "fmp4", revisions)
    harness.check(all("#EXT-X-ENDLIST" in one for one in revisions), "a playlist of --vod before the end")
    harness.check("#EXT-X-PLAYLIST-TYPE:VOD\n" in whole, "no type VOD")


harness.main(test)
