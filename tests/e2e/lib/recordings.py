"""What --record has left in a folder: files, what is in them, and what stands beside them."""

import glob
import json
import os
import subprocess

import harness


def files(folder, suffix):
    """In the order in which they were made."""
    found = glob.glob(os.path.join(folder, "**", f"*{suffix}"), recursive=True)
    return sorted(found, key=lambda path: sidecar(path)["start"])


def sidecar(path):
    with open(os.path.splitext(path)[0] + ".json") as f:
        return json.load(f)


def probe(path):
    run = subprocess.run(["ffprobe", "-loglevel", "error", "-show_format", "-show_streams", "-of", "json", path],
                         capture_output=True, text=True, timeout=60, check=True)
    return json.loads(run.stdout)


def packets(path):
    """Packet times and flags by kind of stream: {"video": [(seconds, is_key)], ...}."""
    run = subprocess.run(["ffprobe", "-loglevel", "error", "-show_packets", "-show_entries",
                          "packet=codec_type,dts_time,duration_time,flags", "-of", "json", path],
                         capture_output=True, text=True, timeout=60, check=True)
    kinds = {}
    for packet in json.loads(run.stdout)["packets"]:
        kinds.setdefault(packet["codec_type"], []).append(
            (float(packet["dts_time"]), float(packet.get("duration_time", 0)), packet["flags"].startswith("K")))
    return kinds


def decoded(path, kind):
    """The decoded frames' MD5 sums; any error is a failure."""
    command = ["ffmpeg", "-nostdin", "-loglevel", "error", "-xerror", "-i", path, "-map", f"0:{kind}", "-f", "framemd5", "-"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    harness.check(run.returncode == 0 and not run.stderr, f"{' '.join(command)}: {run.stderr}")
    return [line.split(",")[-1].strip() for line in run.stdout.splitlines() if not line.startswith("#")]


def check_sidecar(path, recovered=False):
    """Whether it says what is so."""
    told = sidecar(path)
    harness.equal(told["finished"], True, f"finished of {path}")
    harness.equal(told.get("recovered", False), recovered, f"recovered of {path}")
    harness.equal(told["size_bytes"], os.path.getsize(path), f"size of {path}")
    harness.check(path.endswith("/" + told["file"]), f"{path} is called {told['file']}")
    kinds = packets(path)
    if "video" in kinds:
        harness.equal(told["key_frames"], sum(key for _, _, key in kinds["video"]), f"key frames of {path}")
        stream = next(s for s in probe(path)["streams"] if s["codec_type"] == "video")
        harness.equal((told["width"], told["height"]), (stream["width"], stream["height"]), f"size of the picture of {path}")
    begin = min(times[0][0] for times in kinds.values())
    end = max(time + lasts for times in kinds.values() for time, lasts, _ in times)
    harness.check(abs(told["duration_s"] - (end - begin)) < 0.1, f"{path} lasts {end - begin} s, and not {told['duration_s']}")
    return told
