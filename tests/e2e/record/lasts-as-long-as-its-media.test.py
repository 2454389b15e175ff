"""Recordings last as long as their media, by ffprobe and by what stands beside them, whatever comes next: a gap, a jump of an hour, the source from the start, another publisher. FLV files say so themselves and have an index; what MP4 cannot carry is said once."""

import subprocess

import flv
import harness
import media
import recordings


def shifted(t, name, shift):
    """The fixture, with time + shift(time) for each tag; tags for which it is None are left out. It tells the time of day, so that its recordings have an order."""
    path = t.path(name)
    with open(path, "wb") as f:
        f.write(flv.HEADER + flv.write_tag(flv.SCRIPT, 0, flv.amf("onClock") + flv.amf({"utc": 1_790_000_000_000})))
        for tag in flv.tags_of_file(media.fixture("h264_aac.flv")):
            by = shift(tag.time)
            if by is not None:
                f.write(flv.write_tag(tag.kind, tag.time + by, tag.body))
    return path


def record(t, source, form):
    folder = t.path(f"{form}-of-{source.rsplit('/', 1)[-1]}")
    stage = t.start(["srs-hls", "--stream", "live/cam", "--record", folder, "--record-format", form], stdin=source)
    harness.equal(stage.wait(60), 0, f"exit status for {source}:\n{stage.stderr()}")
    return recordings.files(folder, ".mp4" if form == "fmp4" else ".flv"), stage.stderr()


def check_length(file, expected):
    told = recordings.check_sidecar(file)
    length = float(recordings.probe(file)["format"]["duration"])
    harness.check(abs(told["duration_s"] - expected) < 0.15, f"{file} is said to last {told['duration_s']} s, and not {expected}")
    harness.check(abs(length - told["duration_s"]) < 0.15, f"{file} lasts {length} s by ffprobe, {told['duration_s']} s by its JSON file")
    harness.check(recordings.packets(file)["video"][0][2], f"{file} does not begin with a key frame")
    harness.check(recordings.decoded(file, "v"), f"no pictures in {file}")


def check_index(file):
    with open(file, "rb") as f:
        data = f.read()
    tags = flv.tags(data)
    name, said = flv.script(tags[0])
    harness.equal((name, said["filesize"], said["duration"]), ("onMetaData", len(data), recordings.sidecar(file)["duration_s"]), f"metadata of {file}")
    at = dict(zip(flv.tag_offsets(data), tags))
    found = [(at[int(position)].time / 1000, time) for position, time in zip(said["keyframes"]["filepositions"], said["keyframes"]["times"])]
    harness.check(all(abs(tag - told) < 0.001 for tag, told in found[1:]), f"times in the index of {file}: {found}")
    keys = [tag.time / 1000 for tag in tags if flv.is_key_frame(tag) and tag.body[1] == 1]
    harness.equal([tag for tag, _ in found[1:]], keys, f"key frames in the index of {file}")
    harness.check(not flv.is_media(at[int(said["keyframes"]["filepositions"][0])]), f"the index of {file} does not begin at the sequence header")


# Media of ten seconds, a key frame each second. What is left of it, and how long its files are to be.
CASES = [
    ("whole.flv", lambda time: 0, [10]),
    ("jump-of-an-hour.flv", lambda time: 3_600_000 if time >= 8_000 else 0, [8, 2]),
    ("gap.flv", lambda time: 6_000 if time >= 4_000 else 0, [4, 6]),
    # In between two key frames: the second file begins with the next one.
    ("pause.flv", lambda time: 20_000 if time >= 4_400 else 0, [4.4, 5]),
    ("hole.flv", lambda time: None if 4_000 <= time < 7_400 else 0, [4, 2]),
]


def test(t):
    for name, shift, lengths in CASES:
        source = shifted(t, name, shift)
        for form in ("fmp4", "flv"):
            files, _ = record(t, source, form)
            harness.equal(len(files), len(lengths), f"files of {name} as {form}: {files}")
            for file, length in zip(files, lengths):
                check_length(file, length)
                if form == "flv":
                    check_index(file)

    source = t.path("g711.flv")
    subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-i", media.fixture("h264_aac.flv"), "-c:v", "copy", "-c:a", "pcm_alaw",
                    "-ar", "8000", "-ac", "1", "-t", "3", source], check=True, timeout=60)
    (file,), said = record(t, source, "fmp4")
    harness.equal(said.count("recording: G.711 A-law audio is left out (fragmented MP4 does not carry it here; --record-format flv does)"), 1,
                  f"lines on what a recording cannot carry in:\n{said}")
    check_length(file, 3)
    (file,), said = record(t, source, "flv")
    harness.check("recording:" not in said, f"something is said of an FLV recording:\n{said}")
    harness.equal(recordings.probe(file)["format"]["nb_streams"], 2, "tracks of the FLV recording")


harness.main(test)
