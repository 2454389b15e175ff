"""A publisher that goes and comes back, judged by the checker: numbers, dates and discontinuities go on, with and without parts."""

import harness
import hls
import media
from checker import Checker


def publish(t, urls):
    outputs = [word for url in urls for word in ("-map", "0", "-c", "copy", "-f", "flv", url)]
    return t.start(["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-i", media.fixture("long.flv"), *outputs])


def test(t):
    stages = []
    # While nobody publishes there is nothing new to list. Where the publisher was cut off its sound had come less far
    # than its picture: the timeline goes on, without what never came.
    hole = {"UPDATE", "TIMES-GO-ON"}
    # A part is out before it is known that nothing follows: the hole is in the part behind it, whose first picture lasts that long.
    hole_between_parts = hole | {"PART-TRUE", "EXTINF-TRUE", "DATE-FITS"}
    allowed = [hole, hole, hole_between_parts]
    for options in (("--format", "ts"), ("--format", "fmp4"), ("--low-latency",)):
        ingest, stage = t.pipeline(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"],
                                   ["srs-hls", "--target", "1s", "--window", "8", *options, "--listen", "http://127.0.0.1:0"])
        stages.append((f"{ingest.address('rtmp')}/live/cam", f"{stage.address('http')}/live/cam.m3u8", stage))
    first = publish(t, [rtmp for rtmp, _, _ in stages])
    for _, _, stage in stages:
        stage.wait_line("live/cam: begins")
    checkers = [Checker(t, url, 16) for _, url, _ in stages]

    def segments(count):
        import hls
        bases = [url.removesuffix(".m3u8") + "/av.m3u8" for _, url, _ in stages]
        harness.until(lambda: all(hls.get(url)[2].count(b"#EXTINF") >= count for url in bases), f"{count} segments")
    segments(4)
    first.end()
    publish(t, [rtmp for rtmp, _, _ in stages])
    for checker, rules in zip(checkers, allowed):
        checker.conforms(but=rules, segments=8)


harness.main(test)
