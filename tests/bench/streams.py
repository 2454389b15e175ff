"""The streams to play: made by ffmpeg once, kept in a cache folder.

Noise over a test picture and a constant bit rate (with filler where the picture needs less) keep the rate exact every
second, which makes short measurements comparable.
"""

import os
import re
import subprocess

import harness

CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "srs-bench")
SECONDS = 20
GOP_SECONDS = 2


def bits_per_second(text):
    """"2.5M" -> 2500000, "500k" -> 500000."""
    match = re.fullmatch(r"([\d.]+)([kM]?)", text)
    if not match:
        raise ValueError(f"'{text}' is not a bit rate (examples: 2.5M, 500k)")
    return int(float(match[1]) * {"": 1, "k": 1000, "M": 1000_000}[match[2]])


def cache_folder(name=""):
    folder = os.path.join(CACHE, name)
    os.makedirs(folder, exist_ok=True)
    return folder


def stream(bit_rate, size="1280x720", frames=30):
    """The path of an FLV file of H.264 and AAC: frames a second, a key frame every 2 s, bit_rate in all."""
    total = bits_per_second(bit_rate)
    audio = 128_000 if total >= 1_000_000 else 64_000
    video = total - audio
    picture = "" if (size, frames) == ("1280x720", 30) else f"-{size}-{frames}"
    path = os.path.join(cache_folder("streams"), f"{total // 1000}k-{SECONDS}s{picture}.flv")
    if os.path.exists(path):
        return path
    part = f"{path}.{os.getpid()}.part"
    argv = ["ffmpeg", "-v", "error", "-y", "-nostdin",
            "-f", "lavfi", "-i", f"testsrc2=size={size}:rate={frames},noise=alls=12:allf=t",
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-t", str(SECONDS),
            "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p",
            "-g", str(frames * GOP_SECONDS), "-sc_threshold", "0",
            "-b:v", str(video), "-minrate", str(video), "-maxrate", str(video), "-bufsize", str(video),
            "-x264-params", "nal-hrd=cbr:force-cfr=1",
            "-c:a", "aac", "-b:a", str(audio), "-ac", "2", "-f", "flv", part]
    subprocess.run(argv, check=True, timeout=300)
    os.rename(part, path)
    return path


def rate_of(path):
    """Bits per second of a file's media, as an HTTP-FLV player receives them."""
    return os.path.getsize(path) * 8 / SECONDS


harness.check(SECONDS % GOP_SECONDS == 0, "a turn is made of whole groups of pictures")
