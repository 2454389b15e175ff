"""srs-hls is killed while it records: every file plays without an error, and the next run finishes what stands beside the last one."""

import os

import harness
import media
import recordings


def start(t, folder, form):
    return t.pipeline(["srs-ingest", "--realtime", "--loop", media.fixture("h264_aac.flv")],
                      ["srs-hls", "--stream", "live/cam", "--record", folder, "--record-format", form, "--record-segment", "3s"])


def test(t):
    for form, suffix in (("fmp4", ".mp4"), ("flv", ".flv")):
        folder = t.path(form)
        ingest, stage = start(t, folder, form)
        harness.until(lambda: stage.stderr().count("records into") >= 2, "the second file")
        grown = recordings.files(folder, suffix)[-1]
        size = os.path.getsize(grown)
        harness.until(lambda: os.path.getsize(grown) > size, "the second file to grow")
        stage.end()
        ingest.end()
        first, last = recordings.files(folder, suffix)
        harness.equal((recordings.sidecar(first)["finished"], recordings.sidecar(last)["finished"]), (True, False), "finished")
        harness.equal(recordings.sidecar(last)["end"], None, "the end of what was not finished")
        frames = [len(recordings.decoded(file, "v")) for file in (first, last)]
        harness.equal(frames[0], 75, f"pictures of {first}")
        harness.check(frames[1] > 0, f"no pictures in {last}")

        ingest, stage = start(t, folder, form)
        stage.wait_line("was not finished by an earlier run")
        stage.wait_line("records into")
        recordings.check_sidecar(last, recovered=True)
        recordings.check_sidecar(first)
        harness.equal([len(recordings.decoded(file, "v")) for file in (first, last)], frames, "pictures after the restart")
        stage.stop()
        ingest.end()
        files = recordings.files(folder, suffix)
        harness.check(len(files) >= 3, f"only {files}")
        for file in files[2:]:
            recordings.check_sidecar(file)
            recordings.decoded(file, "v")


harness.main(test)
