"""srs-hls cuts an old stream into TS, fMP4, Low-Latency HLS, muxed and apart, and records it: every packet is there, times go on by the
clock of the container, and no discontinuity is invented."""

import glob
import os

import old_streams  # first, since it finds the others

import harness
import hls_times
import media
import recordings

FORMS = {
    "ts": ["--format", "ts"],
    "fmp4": ["--format", "fmp4"],
    "apart": ["--format", "fmp4", "--audio", "demuxed"],
    "low-latency": ["--low-latency", "--listen", "http://127.0.0.1:0"],
    "low-latency-apart": ["--low-latency", "--listen", "http://127.0.0.1:0", "--audio", "demuxed"],
}


def playlists_of(www):
    found = {}
    for path in glob.glob(os.path.join(www, "live", "x", "*.m3u8")):
        with open(path) as file:
            found[os.path.basename(path)] = file.read()
    return found


def check_hls(t, stream, name, form, wanted):
    www = t.path(f"{name}-{form}")
    options = FORMS[form]
    stage = t.run(["srs-hls", "--stream", "live/x", "--window", "100", "--target", "1s", *options, www], stdin=stream.path)
    harness.equal(stage.returncode, 0, f"status of srs-hls {options}: {stage.stderr()}")
    texts = playlists_of(www)
    for playlist, text in texts.items():
        harness.check("EXT-X-DISCONTINUITY\n" not in text, f"{name} {form}: {playlist} has a discontinuity:\n{text}")
        harness.equal(text.count("#EXTINF"), 6, f"segments of {name} {form} {playlist}:\n{text}")
        harness.equal(text.count("#EXT-X-MAP"), 0 if form == "ts" else 1, f"init sections of {name} {form} {playlist}")
    harness.equal(len(texts), 2 if "apart" in form else 1, f"media playlists of {name} {form}")
    went_in = hls_times.contents(wanted, media.NEUTRAL_FLV if form == "ts" else ())
    came_out = hls_times.contents(f"{www}/live/x.m3u8", media.NEUTRAL_TS if form == "ts" else ())
    harness.check(came_out == went_in, f"{name} {form}: {len(came_out)} packets of {len(went_in)}, or other ones")
    for playlist in texts:
        hls_times.check(www, playlist, stream, form, f"{name} {form}")


def check_recording(t, stream, name, form, wanted):
    folder = t.path(f"{name}-record-{form}")
    stage = t.run(["srs-hls", "--stream", "live/x", "--record", folder, "--record-format", form, "--record-segment", "1h"], stdin=stream.path)
    harness.equal(stage.returncode, 0, f"status of srs-hls --record: {stage.stderr()}")
    files = recordings.files(folder, ".mp4" if form == "fmp4" else ".flv")
    harness.equal(len(files), 1, f"recordings of {name} as {form}: {files}")
    told = recordings.check_sidecar(files[0])
    what = f"recording of {name} as {form}"
    harness.check(5.9 < told["duration_s"] < 6.1, f"{what}: {told}")
    harness.check(hls_times.contents(files[0], ()) == hls_times.contents(wanted, ()), f"{what}: other packets")
    kinds = recordings.packets(files[0])
    hls_times.check_steps([at for at, _, _ in kinds["video"]], 0.040, 0.0021, f"pictures of the {what}")
    hls_times.check_steps([at for at, _, _ in kinds["audio"]], 1024 / 48000, 0.0021, f"sound of the {what}")
    duration = float(recordings.probe(files[0])["format"]["duration"])
    harness.check(5.9 < duration < 6.2, f"{what}: ffprobe says {duration} s")


def test(t, name):
    for codec, forms in (("h264", FORMS), ("hevc", ("fmp4", "low-latency"))):
        stream = old_streams.make(t, name, codec=codec, headers_at_zero=codec == "hevc")
        wanted = media.fixture("six_hevc.mp4") if codec == "hevc" else old_streams.source(t)  # FFmpeg 5.1 reads no H.265 in FLV
        for form in forms:
            check_hls(t, stream, f"{name}-{codec}", form, wanted)
        for form in ("fmp4", "flv"):
            if codec == "h264" or form == "fmp4":
                check_recording(t, stream, f"{name}-{codec}", form, wanted)


old_streams.main(test)
