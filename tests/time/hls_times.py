"""What srs-hls made of an old stream: the packets in it, and the times in its segments."""

import os

import harness
import media

TS_BASE_MS = 1000  # what TsMuxer adds
MODULUS_MS = {"ts": (1 << 33) / 90}


def check_steps(times, step, slack, what):
    """Failed where neighbours (in seconds) are not a step apart."""
    odd = [(a, b - a) for a, b in zip(times, times[1:]) if abs(b - a - step) > slack]
    harness.check(not odd, f"{what}: irregular steps at {odd[:5]}")


def contents(source, neutral):
    """What is carried, without times: (kind, md5) sorted. neutral: what makes containers comparable."""
    return sorted((packet.stream, packet.md5) for packet in media.framemd5(source, after=neutral))


def check(www, playlist, stream, form, what):
    """The times in the segments themselves, joined as a file."""
    stem = playlist.removesuffix(".m3u8")
    with open(f"{www}/live/x/{playlist}") as file:
        lines = file.read().splitlines()
    parts = [line.split('"')[1] for line in lines if line.startswith("#EXT-X-MAP")] + [line for line in lines if line and line[0] != "#"]
    joined = f"{www}/{stem}.{'ts' if form == 'ts' else 'mp4'}"
    with open(joined, "wb") as out:
        for part in parts:
            with open(f"{www}/live/x/{os.path.basename(part)}", "rb") as segment:
                out.write(segment.read())
    packets = media.framemd5(joined)
    what = f"{what} {stem}"
    pictures = [packet.dts / 1000 for packet in packets if packet.stream == "v"]
    sounds = [packet.dts / 1000 for packet in packets if packet.stream == "a"]
    check_steps(pictures, 0.040, 0.0021, f"pictures of {what}")
    check_steps(sounds, 1024 / 48000, 0.0021, f"sound of {what}")
    first = pictures[0] if pictures else sounds[0]
    start = stream.start_ms / 1000
    if form == "ts":  # FFmpeg puts times right before the wrap below 0
        first, start = first % (MODULUS_MS["ts"] / 1000), (start + TS_BASE_MS / 1000) % (MODULUS_MS["ts"] / 1000)
    harness.check(abs(first - start) < 0.1, f"{what} begins at {first} s, and not at {start} s")
