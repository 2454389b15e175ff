"""srs-ingest that listens only has no FFmpeg in memory; a source that needs it gets it, in the same process; without it, one line says what is missing."""

import os
import shutil

import harness
import media


def libraries(process):
    with open(f"/proc/{process.pid}/maps") as f:
        return {os.path.basename(line.split()[-1]) for line in f if ".so" in line}


def has_ffmpeg(process):
    return any(name.startswith("libavcodec") for name in libraries(process))


def test(t):
    idle = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0"], stdout=t.path("idle.flv"))
    idle.address("rtmp")
    harness.check(not has_ffmpeg(idle), f"srs-ingest that only listens has FFmpeg loaded: {sorted(libraries(idle))}")

    out = t.path("test.flv")
    busy = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "test:?size=320x180"], stdout=out)
    busy.address("rtmp")  # the same process: its listener, its log
    harness.until(lambda: os.path.getsize(out) > 10_000, "the test picture")
    harness.check(has_ffmpeg(busy), "srs-ingest made a test picture without FFmpeg")

    copied = t.run(["srs-ingest", media.fixture("h264_aac.flv")], stdout=t.path("copy.flv"))
    harness.equal(copied.returncode, 0, f"srs-ingest of an FLV file: {copied.stderr()}")

    alone = t.path("srs-ingest")
    shutil.copy(os.path.join(harness.BIN, "srs-ingest"), alone)
    failed = t.run([alone, "movie.mp4"], stdout=t.path("none.flv"))
    harness.equal(failed.returncode, 1, "exit status without the program that has FFmpeg")
    lines = failed.stderr().splitlines()
    harness.check(len(lines) == 1 and "needs FFmpeg" in lines[0] and "libexec/srs-tools/srs-ingest" in lines[0],
                  f"what is missing is not said: {lines}")


harness.main(test)
