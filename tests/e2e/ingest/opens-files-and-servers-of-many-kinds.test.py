"""mp4, ts, mkv, HEVC, an FLV over plain HTTP, RTMP, test: with options; what FLV carries is copied, and what it cannot carry is transcoded, and that is said."""

import http.server
import os
import threading

import flv
import harness
import media


def ingest(t, source, *options, status=0):
    out = t.path("out.flv")
    stage = t.run(["srs-ingest", *options, source], stdout=out, seconds=60)
    harness.equal(stage.returncode, status, f"exit status of srs-ingest {source}: {stage.stderr()}")
    flv.check_monotonic(flv.tags_of_file(out), source)
    return out, stage.stderr()


def serve_folder(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=folder)

        def log_message(self, *_):
            pass
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def convert(t, name, *options):
    path = t.path(name)
    t.run(["ffmpeg", "-loglevel", "error", "-nostdin", "-i", media.fixture("h264_aac.mp4"), *options, path]).succeeds()
    return path


def codecs(t, path):
    probe = t.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0", path])
    return set(probe.stdout().split())


def sound_is_copied(t):
    """What FLV and the relay carry is never turned into AAC unasked."""
    for codec, name, extension, head in (("ac3", "AC-3", "ts", b"\x91ac-3"), ("eac3", "E-AC-3", "ts", b"\x91ec-3"), ("flac", "FLAC", "mkv", b"\x91fLaC"),
                                         ("libopus", "Opus", "mkv", b"\x91Opus"), ("libmp3lame", "MP3", "mkv", None)):
        path = convert(t, f"{codec}.{extension}", "-t", "3", "-c:v", "copy", "-ar", "48000", "-c:a", codec)
        out, said = ingest(t, path)
        harness.check(f"copying {name}" in said, f"{name} is not copied: {said!r}")
        probe = t.run(["ffprobe", "-v", "error", "-select_streams", "a", "-show_entries", "packet=size", "-of", "csv=p=0", path])
        sizes = [int(line.strip(",")) for line in probe.stdout().split()]
        sound = [tag.body for tag in flv.tags_of_file(out) if tag.kind == flv.AUDIO]
        if head:
            frames = [body[len(head):] for body in sound if body.startswith(head)]
        else:
            frames = [body[1:] for body in sound if body[0] >> 4 == 2]
        harness.equal([len(frame) for frame in frames], sizes, f"frames of {name}")
        if codec == "flac":
            header = next(body for body in sound if body.startswith(b"\x90fLaC"))[5:]
            harness.check(header.startswith(b"fLaC\x80\x00\x00\x22") and len(header) == 42, f"header of FLAC: {header.hex()}")


def test(t):
    sound_is_copied(t)
    pictures = sum(p.stream == "v" for p in media.framemd5(media.fixture("h264_aac.mp4")))
    for path in (convert(t, "a.ts", "-c", "copy"), convert(t, "a.mkv", "-c", "copy"), media.fixture("h264_aac.mp4")):
        out, _ = ingest(t, path)
        harness.equal(sum(p.stream == "v" for p in media.framemd5(out)), pictures, f"pictures of {path}")

    out, _ = ingest(t, media.fixture("hevc_aac.mp4"))
    coded = [tag.body for tag in flv.tags_of_file(out) if tag.kind == flv.VIDEO]
    harness.check(all(body[0] & 0x80 and body[1:5] == b"hvc1" for body in coded), "HEVC is not carried as Enhanced FLV")

    old = convert(t, "old.mpg", "-t", "3", "-c:v", "mpeg2video", "-c:a", "mp2")
    out, said = ingest(t, old)
    harness.equal(codecs(t, out), {"h264", "aac"}, "codecs of what was MPEG-2 and MP2")
    harness.check("transcoding MPEG-2" in said and "transcoding MP2" in said, f"the transcoding is not announced: {said!r}")

    base = serve_folder(os.path.dirname(media.fixture("h264_aac.flv")))
    out, _ = ingest(t, base + "/h264_aac.flv")
    media.lossless(media.framemd5(media.fixture("h264_aac.flv")), media.framemd5(out), what="FLV over HTTP")
    missing = t.run(["srs-ingest", base + "/none.flv"])
    harness.equal(missing.returncode, 1, "exit status for a 404")
    harness.check("404" in missing.stderr(), f"a 404 is told as {missing.stderr()!r}")

    generated = t.path("test.flv")
    source = t.start(["srs-ingest", "test:?size=320x180&rate=10&bitrate=200k"], stdout=generated)
    harness.until(lambda: flv.media_in(generated) > 60, "the generated stream")
    harness.equal(source.stop(), 0, "exit status")
    shown = t.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "stream=width,height", "-of", "csv=p=0", generated])
    harness.equal(shown.stdout().strip(), "320,180", "size of the generated picture")
    harness.equal(t.run(["srs-ingest", "test:?size=banana"]).returncode != 0, True, "test: with a size that is none fails")


harness.main(test)
