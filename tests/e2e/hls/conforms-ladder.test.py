"""A ladder, judged by the checker: one multivariant playlist whose members have the same numbers, times and target duration; also with parts."""

import harness
import hls
import media
from checker import Checker


def test(t):
    source = ["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", media.fixture("long.flv"),
              "-re", "-stream_loop", "-1", "-i", media.fixture("small.flv")]
    watching = []
    for options in (("--format", "ts"), ("--format", "fmp4"), ("--low-latency",)):
        ingest, stage = t.pipeline(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"],
                                   ["srs-hls", "--ladder", "--target", "1s", "--window", "6", *options, "--listen", "http://127.0.0.1:0"])
        rtmp = ingest.address("rtmp")
        for i, name in enumerate(("cam_360p", "cam_180p")):
            source += ["-map", str(i), "-c", "copy", "-f", "flv", f"{rtmp}/live/{name}"]
        watching.append(f"{stage.address('http')}/live/cam.m3u8")
    t.start(source)
    for url in watching:
        harness.until(lambda: hls.get(url)[2].count(b"#EXT-X-STREAM-INF") == 2, "both variants")
    checkers = [Checker(t, url, 13) for url in watching]
    for checker, parts in zip(checkers, (0, 0, 80)):
        checker.conforms(playlists=2, segments=14, parts=parts)


harness.main(test)
