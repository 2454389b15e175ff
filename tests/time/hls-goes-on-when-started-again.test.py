"""srs-hls is started again while the stream goes on, before the crossing and behind it: its timestamps are 32 bits again, and yet there is
no discontinuity, no frame is lost, dates and decode times go on. The recordings of both runs have all of it."""

import re
from datetime import datetime

import old_streams  # first, since it finds the others

import harness
import hls_times
import media
import recordings

FORMS = {
    "ts": ["--format", "ts"],
    "fmp4": ["--format", "fmp4"],
    "low-latency": ["--low-latency", "--listen", "http://127.0.0.1:0"],
}


def play(t, stream, from_ms, until_ms, stage):
    """What the stream has at these ages, with its headers in front."""
    write_end, (process,) = old_streams.pipe_into(t, stage)
    feed = old_streams.Feed(stream, speed=1000)
    if from_ms > 0:
        feed.skip_to(from_ms)
    feed.add(write_end)
    feed.play(until_ms)
    feed.end()
    harness.equal(process.wait(), 0, f"status of {stage}: {process.stderr()}")


def check_dates(text, what):
    """Failed unless each segment begins where the one before ended, to the millisecond or two."""
    dates = [datetime.fromisoformat(at.replace("Z", "+00:00")) for at in re.findall(r"^#EXT-X-PROGRAM-DATE-TIME:(.*)$", text, re.MULTILINE)]
    durations = [float(seconds) for seconds in re.findall(r"^#EXTINF:([0-9.]+)", text, re.MULTILINE)]
    steps = [(b - a).total_seconds() for a, b in zip(dates, dates[1:])]
    odd = [(i, step, lasts) for i, (step, lasts) in enumerate(zip(steps, durations)) if abs(step - lasts) > 0.003]
    harness.check(len(dates) == len(durations) and not odd, f"{what}: dates do not follow: {odd}\n{text}")


def check(t, stream, name, form, break_ms):
    what = f"{name}-{form}-{break_ms}"
    www, folder = t.path(what), t.path(f"{what}-record")
    stage = ["srs-hls", "--stream", "live/x", "--window", "100", "--target", "1s", "--record", folder, "--record-segment", "1h", *FORMS[form], www]
    play(t, stream, 0, break_ms, stage)
    play(t, stream, break_ms, None, stage)
    with open(f"{www}/live/x/av.m3u8") as file:
        text = file.read()
    harness.check("EXT-X-DISCONTINUITY" not in text, f"{what} has a discontinuity:\n{text}")
    harness.equal(text.count("#EXTINF"), 6, f"segments of {what}:\n{text}")
    check_dates(text, what)
    neutral = (media.NEUTRAL_FLV, media.NEUTRAL_TS) if form == "ts" else ((), ())
    went_in, came_out = hls_times.contents(old_streams.source(t), neutral[0]), hls_times.contents(f"{www}/live/x.m3u8", neutral[1])
    harness.check(came_out == went_in, f"{what}: {len(came_out)} packets of {len(went_in)}, or other ones")
    hls_times.check(www, "av.m3u8", stream, form, what)
    files = recordings.files(folder, ".mp4")
    harness.equal(len(files), 2, f"recordings of {what}: {files}")
    lasts = [recordings.check_sidecar(file)["duration_s"] for file in files]
    harness.check(abs(sum(lasts) - 6) < 0.2, f"recordings of {what} last {lasts} s")


def test(t, name):
    stream = old_streams.make(t, name)
    for form in FORMS:
        for break_ms in (1000, 3000):
            check(t, stream, name, form, break_ms)


old_streams.main(test, old_streams.RESTART_TIMES)
