"""A file through srs-ingest, and on through pipes, keeps every packet and timestamp."""

import harness
import media


def through(t, source, *later, tolerance=0, stdin=None):
    out = t.path("out.flv")
    stages = t.pipeline(["srs-ingest", source], *later, stdin=stdin, stdout=out)
    for stage in stages:
        harness.equal(stage.wait(), 0, f"exit status of {stage.name}:\n{stage.stderr()}")
    return media.framemd5(out)


def test(t):
    for name in ("h264_aac.flv", "video_only.flv", "audio_only.flv"):
        path = media.fixture(name)
        wanted = media.framemd5(path)
        media.lossless(wanted, through(t, path), what=f"srs-ingest {name}")
        media.lossless(wanted, through(t, "-", stdin=path), what=f"srs-ingest - < {name}")
    # MP4 counts time in finer units than the milliseconds of FLV. HEVC: ffmpeg 5 reads no Enhanced
    # FLV, so the picture of the second one is for srs-probe's own test.
    path = media.fixture("h264_aac.mp4")
    media.lossless(media.framemd5(path), through(t, path), tolerance=1, what="srs-ingest h264_aac.mp4")


harness.main(test)
