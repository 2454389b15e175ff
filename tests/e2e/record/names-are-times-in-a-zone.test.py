"""Recordings are named by the time of their first frame, in local time or in UTC, in folders if the pattern says so, and take no name that is taken."""

import datetime
import os

import harness
import media
import recordings

ZONE = {"TZ": "Asia/Kolkata"}  # 5:30 ahead, the whole year


def record(t, folder, *options):
    ingest = t.start(["srs-ingest", media.fixture("audio_only.flv")], stdout=t.path("audio"))
    ingest.succeeds()
    t.start(["srs-hls", "--stream", "live/cam", "--record", folder, *options], stdin=t.path("audio"), env=ZONE).succeeds()
    return recordings.files(folder, ".mp4")


def test(t):
    for options, ahead in (([], datetime.timedelta(hours=5, minutes=30)), (["--record-utc"], datetime.timedelta())):
        file, = record(t, t.path(f"zone-{len(options)}"), *options)
        told = recordings.check_sidecar(file)
        start = datetime.datetime.strptime(told["start"], "%Y-%m-%dT%H:%M:%S.%fZ")
        harness.equal(os.path.basename(file), (start + ahead).strftime("%Y-%m-%d_%H-%M-%S.mp4"), f"name for {options}")
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
        harness.check(abs((now - start).total_seconds()) < 120, f"it began at {start}, and it is {now}")
        length = datetime.datetime.strptime(told["end"], "%Y-%m-%dT%H:%M:%S.%fZ") - start
        harness.check(abs(length.total_seconds() - told["duration_s"]) < 0.01, f"it says {told}")

    folder = t.path("taken")
    for count in (1, 2, 3):
        harness.equal(len(record(t, folder, "--record-name", "%Y/cam")), count, "files that have one name")
    names = sorted(os.path.relpath(file, folder) for file in recordings.files(folder, ".mp4"))
    year = names[0].split("/")[2]
    harness.equal(names, [f"live/cam/{year}/cam{number}.mp4" for number in ("-2", "-3", "")], "names")

    refused = t.run(["srs-hls", "--record", folder, "--record-name", "../%H"])
    harness.equal(refused.returncode, 2, "exit status for a name that leads out of the folder")


harness.main(test)
