"""The recordings of a stream, one after the other, are its source: the same packets, the same decoded pictures; each file begins with a key frame, and what stands beside it is so."""

import os

import harness
import hls
import media
import recordings


def record(t, file, form):
    folder = t.path(f"{form}-{os.path.basename(file)}")
    ingest, stage = t.pipeline(["srs-ingest", file], ["srs-hls", "--stream", "live/cam", "--record", folder, "--record-format", form,
                                                      "--record-segment", "3s"])
    harness.equal((ingest.wait(60), stage.wait(60)), (0, 0), f"exit statuses for {file}:\n{stage.stderr()}")
    return recordings.files(folder, ".mp4" if form == "fmp4" else ".flv")


CASES = [("h264_aac.flv", "fmp4", ["avc1.64001e", "mp4a.40.2"], 4), ("h264_aac.flv", "flv", ["avc1.64001e", "mp4a.40.2"], 4),
         ("hevc_opus.mkv", "fmp4", ["hvc1.1.6.L63.90", "Opus"], 3), ("audio_only.flv", "fmp4", ["mp4a.40.2"], 4),
         ("video_only.flv", "flv", ["avc1.64001e"], 4)]


def test(t):
    for name, form, codecs, count in CASES:
        source = media.fixture(name)
        files = record(t, source, form)
        what = f"{name} as {form}"
        harness.equal(len(files), count, f"files of {what}: {files}")
        harness.equal(sorted(sum((hls.contents(file) for file in files), [])), hls.contents(source), f"packets of {what}")
        for file in files:
            told = recordings.check_sidecar(file)
            harness.equal(told["codecs"], codecs, f"codecs of {file}")
            kinds = recordings.packets(file)
            harness.check(kinds.get("video", [(0, 0, True)])[0][2], f"{file} begins with no key frame")
            harness.check(all(times[0][0] < 0.2 for times in kinds.values()), f"{file} does not begin at 0")
        for before, after in zip(files, files[1:]):
            harness.check(recordings.sidecar(before)["start"] < recordings.sidecar(after)["start"], f"{after} is no later than {before}")
        if name != "audio_only.flv":
            together = sum((recordings.decoded(file, "v") for file in files), [])
            harness.equal(together, recordings.decoded(source, "v"), f"decoded pictures of {what}")


harness.main(test)
