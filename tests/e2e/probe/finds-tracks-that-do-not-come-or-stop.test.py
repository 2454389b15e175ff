"""srs-probe of streams that players stand still at: a track that is announced and does not come, stops, begins late, or has no sequence header; and of healthy ones, over everything that we write ourselves."""

import json
import os
import subprocess

import flv
import harness
import media
import recordings

TAGS = flv.tags_of_file(media.fixture("h264_aac.flv"))


def is_header(tag, kind):
    return tag.kind == kind and not flv.is_media(tag)


def write(t, name, keep, change=lambda tag: tag):
    path = t.path(name)
    with open(path, "wb") as f:
        f.write(flv.HEADER)
        for tag in map(change, filter(keep, TAGS)):
            f.write(flv.write_tag(tag.kind, tag.time, tag.body))
    return path


def probe(source, *options, stdin=None):
    done = subprocess.run([harness.BIN + "/srs-probe", "--json", *options, source], stdin=stdin or subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=harness.PATIENCE, check=False)
    return done.returncode, json.loads(done.stdout)["streams"][0]


def codes(stream):
    return {finding["code"] for finding in stream["findings"]}


def broken(t):
    def check(name, keep, code, limit, status=3):
        path = write(t, name, keep)
        exit_status, stream = probe(path, "--fail-if", limit)
        harness.equal(codes(stream), {code}, f"findings in {name}")
        harness.equal((stream["verdict"], exit_status, stream["path"]), ("broken", status, name), f"verdict on {name}, exit status, and name")

    check("audio-header-only.flv", lambda tag: tag.kind != flv.AUDIO or is_header(tag, flv.AUDIO), "audio-missing", "missing-tracks>0")
    check("audio-in-metadata-only.flv", lambda tag: tag.kind != flv.AUDIO, "audio-missing", "errors>0")
    check("video-header-only.flv", lambda tag: tag.kind != flv.VIDEO or is_header(tag, flv.VIDEO), "video-missing", "missing-tracks>0")
    check("audio-stops.flv", lambda tag: tag.kind != flv.AUDIO or tag.time < 4_000, "audio-gap", "gap>5s")
    check("video-stops.flv", lambda tag: tag.kind != flv.VIDEO or tag.time < 4_000, "video-gap", "gap>5s")
    check("video-begins-late.flv", lambda tag: tag.kind != flv.VIDEO or is_header(tag, flv.VIDEO) or tag.time >= 6_000, "video-late", "late-start>5s")
    check("no-video-header.flv", lambda tag: not is_header(tag, flv.VIDEO), "video-no-header", "errors>0")
    check("no-audio-header.flv", lambda tag: not is_header(tag, flv.AUDIO), "audio-no-header", "errors>0")


def raw(t):
    for codec, form, suffix in (("libx264", "h264", "h264"), ("libx265", "hevc", "h265")):
        path = t.path(f"raw.{suffix}")
        subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-t", "4", "-c:v", codec,
                        "-preset", "ultrafast", "-g", "25", "-f", form, path], check=True, timeout=60, capture_output=True)
        with open(path, "rb") as f:
            found = [probe(path), probe("-", stdin=f)]
        for (status, stream), name in zip(found, (f"raw.{suffix}", "live/stdin")):
            track, = stream["tracks"]
            harness.equal((status, stream["verdict"], stream["path"], track["frames"], track["width"], track["duration_ms"]),
                          (0, "healthy", name, 100, 320, 4000), f"report on {path} as {name}: {stream}")


def in_band(t):
    """320x180, and from 2 s on 640x360: parameter sets stand in front of each key frame."""
    parts = []
    for size in ("320x180", "640x360"):
        path = t.path(f"{size}.h264")
        subprocess.run(["ffmpeg", "-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25", "-t", "2", "-c:v", "libx264",
                        "-preset", "ultrafast", "-g", "25", "-f", "h264", path], check=True, timeout=60)
        with open(path, "rb") as f:
            parts.append(f.read())
    path = t.path("changes.h264")
    with open(path, "wb") as f:
        f.write(b"".join(parts))
    _, stream = probe(path)
    harness.equal((codes(stream), stream["tracks"][0]["width"], stream["tracks"][0]["in_band_changes"]),
                  ({"video-configuration-change"}, 640, 1), "report on sets that change in band")


def healthy(t):
    """What we write ourselves: recordings, and HLS of both containers."""
    source = media.fixture("h264_aac.flv")
    for form, suffix in (("fmp4", ".mp4"), ("flv", ".flv")):
        folder = t.path(f"recorded-{form}")
        t.start(["srs-hls", "--stream", "live/cam", "--record", folder, "--record-format", form], stdin=source).succeeds()
        file, = recordings.files(folder, suffix)
        status, stream = probe(file, "--fail-if", "skew>200ms")
        harness.equal((status, stream["verdict"], stream["path"]), (0, "healthy", os.path.basename(file)), f"report on {file}: {stream['findings']}")
    for form in ("fmp4", "ts"):
        folder = t.path(f"hls-{form}")
        t.start(["srs-hls", "--stream", "live/cam", "--vod", "--format", form, folder], stdin=source).succeeds()
        status, stream = probe(f"{folder}/live/cam.m3u8", "--fail-if", "skew>200ms")
        harness.equal((status, stream["verdict"]), (0, "healthy"), f"report on HLS as {form}: {stream['findings']}")


def test(t):
    broken(t)
    raw(t)
    in_band(t)
    healthy(t)


harness.main(test)
