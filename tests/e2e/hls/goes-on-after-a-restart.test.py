"""srs-hls is killed and started again: numbers go on, in a directory without a seam, and from memory with --state."""

import signal

import harness
import hls
import media

FILE = "long.flv"


def start(t, relay, *options):
    reader = ["srs-hls", "--stream", "live/cam", "--listen", "http://127.0.0.1:0", "--target", "1s", "--window", "30", *options]
    source = ["srs-ingest", f"{relay}/live/cam"]
    ingest, stage = t.pipeline(source, reader)
    return ingest, stage


def playlist(stage):
    status, _, body = hls.get(f"{stage.address('http')}/live/cam/av.m3u8")
    return body.decode() if status == 200 else ""


def discontinuities(text):
    return hls.number(text, "EXT-X-DISCONTINUITY-SEQUENCE") + text.count("#EXT-X-DISCONTINUITY\n")


def test(t):
    source, relay = t.pipeline(["srs-ingest", "--realtime", "--loop", media.fixture(FILE)],
                               ["srs-relay", "--stream", "live/cam", "--listen", "rtmp://127.0.0.1:0"])
    rtmp = relay.address("rtmp")
    for options in (["--format", "ts", t.path("www-ts")], ["--low-latency", t.path("www-ll")], ["--low-latency", "--state", t.path("state")]):
        ingest, stage = start(t, rtmp, *options)
        harness.until(lambda: playlist(stage).count("#EXTINF") >= 3, "three segments")
        before = playlist(stage)
        stage.signal(signal.SIGKILL)
        stage.wait()
        ingest.end()
        ingest, stage = start(t, rtmp, *options)
        kept = 0 if "--state" in options else before.count("#EXTINF")
        harness.until(lambda: playlist(stage).count("#EXTINF") >= kept + 2, "two more segments")
        after = playlist(stage)
        harness.equal(hls.number(after, "EXT-X-TARGETDURATION"), hls.number(before, "EXT-X-TARGETDURATION"), "target duration")
        if kept:
            harness.equal(hls.number(after, "EXT-X-MEDIA-SEQUENCE"), hls.number(before, "EXT-X-MEDIA-SEQUENCE"), "media sequence")
            harness.equal(hls.segments(after)[:kept], hls.segments(before)[:kept], "segments from before")
            harness.check(discontinuities(after) <= discontinuities(before) + 1, f"seams in\n{after}")
        else:
            harness.check(hls.number(after, "EXT-X-MEDIA-SEQUENCE") >= hls.next_sequence(before), "numbers went back")
            harness.check(discontinuities(after) >= discontinuities(before), "discontinuities went back")
        for name in hls.segments(after):
            harness.equal(hls.get(f"{stage.address('http')}/live/cam/{name}")[0], 200, f"status of {name}")
        names = hls.segments(after)
        harness.equal(len(set(names)), len(names), "segments listed once")
        ingest.end()
        stage.end()


harness.main(test)
