"""Test media, and what is in a stream packet by packet.

Fixtures are made once with ffmpeg and kept in SRS_FIXTURES, or else beside the
tools in the build folder; tests that run in parallel share them.
"""

import collections
import fcntl
import os
import subprocess

import harness

FIXTURES = os.environ.get("SRS_FIXTURES") or os.path.join(os.path.dirname(harness.BIN), "fixtures")

_PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25"]
_TINY = ["-f", "lavfi", "-i", "testsrc2=size=64x64:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100", "-t", "1"]
_TONE = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]
# Key frames exactly once a second, B-frames between.
_H264 = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-b:v", "800k",
         "-g", "25", "-keyint_min", "25", "-sc_threshold", "0", "-bf", "2"]
_HEVC = ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "800k", "-tag:v", "hvc1",
         "-x265-params", "keyint=25:min-keyint=25:scenecut=0:bframes=2:log-level=error"]
_AAC = ["-c:a", "aac", "-b:a", "96k"]

_RECIPES = {
    "h264_aac.flv": [*_PICTURE, *_TONE, "-t", "10", *_H264, *_AAC],
    "long.flv": [*_PICTURE, *_TONE, "-t", "30", *_H264, *_AAC],
    "small.flv": ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", *_TONE, "-t", "30", *_H264[:6], "-b:v", "200k", *_H264[8:], *_AAC],
    "busy.flv": [*_PICTURE, *_TONE, "-t", "10", *_H264[:6], "-b:v", "6M", "-minrate", "6M", "-maxrate", "6M", "-bufsize", "3M",
                 *_H264[8:], "-x264-params", "nal-hrd=cbr", *_AAC],
    # 2.5 Mbit/s, as streams for many players are.
    "popular.flv": [*_PICTURE, *_TONE, "-t", "10", *_H264[:6], "-b:v", "2400k", "-minrate", "2400k", "-maxrate", "2400k",
                    "-bufsize", "1200k", *_H264[8:], "-x264-params", "nal-hrd=cbr", *_AAC],
    # 20 Mbit/s: fills socket buffers of megabytes in seconds.
    "heavy.flv": [*_PICTURE, *_TONE, "-t", "10", *_H264[:6], "-b:v", "20M", "-minrate", "20M", "-maxrate", "20M", "-bufsize", "10M",
                  *_H264[8:], "-x264-params", "nal-hrd=cbr", *_AAC],
    # What streams that are old are made of: see tests/time.
    "six.flv": ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "6",
                *_H264[:6], "-b:v", "200k", *_H264[8:], *_AAC],
    "six_hevc.mp4": ["-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", "6",
                     *_HEVC, *_AAC],
    "h264_aac.mp4": [*_PICTURE, *_TONE, "-t", "10", *_H264, *_AAC],
    "hevc_aac.mp4": [*_PICTURE, *_TONE, "-t", "10", *_HEVC, *_AAC],
    "hevc_opus.mkv": [*_PICTURE, *_TONE, "-t", "8", *_HEVC[:-4], *_HEVC[-2:], "-c:a", "libopus"],
    "vp9_opus.mkv": [*_PICTURE, *_TONE, "-t", "6", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "25",
                     "-c:a", "libopus"],
    "av1_opus.mkv": [*_PICTURE, *_TONE, "-t", "6", "-c:v", "libsvtav1", "-preset", "12", "-g", "25", "-c:a", "libopus"],
    "h264_mp3.mp4": [*_PICTURE, *_TONE, "-t", "6", *_H264, "-c:a", "libmp3lame"],
    # For inputs by the thousand.
    "tiny_h264.flv": [*_TINY, "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "10", "-bf", "2", *_AAC],
    "tiny_hevc.mp4": [*_TINY, *_HEVC[:6], "-crf", "40", *_HEVC[8:10], "-x265-params", "keyint=10:info=0:log-level=error", *_AAC],
    "tiny_av1.mkv": [*_TINY, "-c:v", "libsvtav1", "-preset", "12", "-g", "10", "-c:a", "libopus"],
    "video_only.flv": [*_PICTURE, "-t", "10", *_H264],
    "audio_only.flv": [*_TONE, "-t", "10", *_AAC],
}


def fixture(name):
    """The path of a file of _RECIPES, made now if it was never made."""
    os.makedirs(FIXTURES, exist_ok=True)
    path = os.path.join(FIXTURES, name)
    if os.path.exists(path):
        return path
    with open(os.path.join(FIXTURES, f".{name}.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(path):
            stem, extension = os.path.splitext(name)
            partial = os.path.join(FIXTURES, f".{stem}.partial{extension}")
            subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *_RECIPES[name], partial],
                           check=True, timeout=120)
            os.rename(partial, path)
    return path


# One packet as ffmpeg demuxed it. stream: "v" or "a"; dts, pts in milliseconds; size in bytes.
Packet = collections.namedtuple("Packet", "stream dts pts size md5")

# Makes H.264/AAC comparable between containers: FLV keeps parameter sets apart and AAC bare;
# MPEG-TS repeats parameter sets (NAL types 7, 8), delimits access units (9), frames AAC with ADTS.
NEUTRAL_FLV = ["-bsf:v", "h264_mp4toannexb,filter_units=remove_types=7-9"]
NEUTRAL_TS = ["-bsf:v", "filter_units=remove_types=7-9", "-bsf:a", "aac_adtstoasc"]


def framemd5(source, *, before=(), after=(), seconds=60):
    """Every Packet of a file or URL, in the order of the file. `before`/`after`: ffmpeg options around -i."""
    command = framemd5_command(source, before=before, after=after)
    result = subprocess.run(command, capture_output=True, text=True, timeout=seconds, check=False)
    harness.check(result.returncode == 0, f"{' '.join(command)}: {result.stderr}")
    return parse_framemd5(result.stdout)


def framemd5_command(source, *, before=(), after=()):
    """For a live source: start it, and give its stdout to parse_framemd5 once it ended."""
    return ["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-copyts", *before, "-i", source,
            "-map", "0:v?", "-map", "0:a?", "-c", "copy", "-copyinkf", *after, "-f", "framemd5", "-"]


def parse_framemd5(text):
    time_base, kind, packets = {}, {}, []
    for line in text.splitlines():
        if line.startswith("#tb "):
            index, fraction = line[4:].split(":")
            numerator, denominator = fraction.strip().split("/")
            time_base[int(index)] = 1000 * int(numerator) / int(denominator)
        elif line.startswith("#media_type "):
            index, name = line[12:].split(":")
            kind[int(index)] = name.strip()[0]
        elif line and not line.startswith("#"):
            index, dts, pts, _duration, size, md5 = [field.strip() for field in line.split(",")][:6]
            scale = time_base[int(index)]
            packets.append(Packet(kind[int(index)], round(int(dts) * scale), round(int(pts) * scale), int(size), md5))
    return packets


def lossless(wanted, got, *, head=0, tail=0, tolerance=0, what="output"):
    """Failed unless `got` is `wanted`, packet for packet.

    Up to `head` packets a stream may be missing at the start and `tail` at the end (a player
    joins late, a recorder stops early); none in between. All timestamps may be shifted
    by one common offset, and beyond it differ by `tolerance` ms. Returns the offset.
    """
    harness.check(got, f"{what}: no packets at all")
    offset = None
    for stream in sorted({p.stream for p in wanted}):
        ours = [p for p in wanted if p.stream == stream]
        theirs = [p for p in got if p.stream == stream]
        start = _alignment(ours, theirs, head, f"{what}, stream {stream}")
        missing = len(ours) - start - len(theirs)
        harness.check(missing <= tail, f"{what}, stream {stream}: {missing} packets are missing at the end "
                                       f"({len(theirs)} of {len(ours)}; {tail} may)")
        for i, (a, b) in enumerate(zip(ours[start:], theirs)):
            if offset is None:
                offset = b.dts - a.dts
            harness.check(abs(b.dts - a.dts - offset) <= tolerance and abs(b.pts - a.pts - offset) <= tolerance,
                          f"{what}, stream {stream}, packet {i}: the timestamps differ "
                          f"(offset {offset} ms)\n  wanted {a}\n  got    {b}")
    extra = {p.stream for p in got} - {p.stream for p in wanted}
    harness.check(not extra, f"{what}: unexpected streams {extra}")
    return offset


def _alignment(ours, theirs, head, what):
    """Where in `ours` the packets of `theirs` begin."""
    harness.check(theirs, f"{what}: no packets")
    furthest = (-1, 0)
    for start in range(min(head, len(ours) - 1) + 1):
        same = 0
        while same < len(theirs) and start + same < len(ours) and ours[start + same].md5 == theirs[same].md5:
            same += 1
        if same == len(theirs):
            return start
        furthest = max(furthest, (same, start))
    same, start = furthest
    raise harness.Failed(
        f"{what}: differs at packet {same} of {len(theirs)} (packet {start + same} of {len(ours)} that went in)\n"
        f"  wanted {ours[start + same:start + same + 3]}\n  got    {theirs[same:same + 3]}")
