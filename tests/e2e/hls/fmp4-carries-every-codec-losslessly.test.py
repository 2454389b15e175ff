"""fMP4 segments hold the very packets of the source: H.264, H.265, AV1, VP9; AAC, MP3, Opus; muxed and apart; and decoded they are the same frames."""

import os

import harness
import hls
import media


def package(t, file, *options):
    """The multivariant playlist of a file that was packaged whole."""
    www = t.path(f"www-{os.path.basename(file)}-{len(options)}")
    ingest, stage = t.pipeline(["srs-ingest", file], ["srs-hls", "--stream", "x", "--format", "fmp4", "--vod", *options, www])
    harness.equal((ingest.wait(60), stage.wait(60)), (0, 0), f"exit statuses for {file}:\n{stage.stderr()}")
    return f"{www}/x.m3u8"


def decoded(t, source):
    run = t.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-i", source, "-map", "0:v", "-f", "framemd5", "-"])
    return [line.split(",")[-1].strip() for line in run.stdout().splitlines() if not line.startswith("#")]


CODECS = {"h264_aac.mp4": "avc1.64001e,mp4a.40.2", "hevc_aac.mp4": "hvc1.", "av1_opus.mkv": "av01.0.", "vp9_opus.mkv": "vp09.00.",
          "h264_mp3.mp4": "mp4a.40.34"}


def test(t):
    for name, codecs in CODECS.items():
        file = media.fixture(name)
        playlist = package(t, file)
        with open(playlist) as f:
            master = f.read()
        harness.check(codecs in master and "RESOLUTION=640x360" in master, f"{name}: {master}")
        harness.equal(hls.contents(playlist), hls.contents(file), f"packets of {name}")
        harness.equal(decoded(t, playlist), decoded(t, file), f"decoded pictures of {name}")
    file = media.fixture("hevc_aac.mp4")
    playlist = package(t, file, "--audio", "demuxed")
    harness.equal(hls.contents(playlist), hls.contents(file), "packets with sound apart")
    for name in ("audio_only.flv", "video_only.flv"):
        file = media.fixture(name)
        harness.equal(hls.contents(package(t, file)), hls.contents(file), f"packets of {name}")


harness.main(test)
