"""FLV of H.264, H.265 and AV1, truncated at every byte, and ten thousand times with flipped bits: no stage crashes."""

import os
import random
import re

from scene import harness

import flv
from feed import STAGES, Fed, flv_of, on_channel, plain
from memory import LOOKS_AT_THREADS, SANITIZED, check_sanitizers

SOURCES = {"H.264": "tiny_h264.flv", "H.265": "tiny_hevc.mp4", "AV1": "tiny_av1.mkv"}
SIZE = 6000       # bytes of each file, about: headers, key frames, others, sound
# A sanitizer takes ten times as long: it is for what an input does to memory, and gets a quarter of them.
STEP = 4 if SANITIZED else 1                # bytes from one truncation to the next
FLIPS = 2_500 if SANITIZED else 10_000      # in all
PATIENCE = 240                              # seconds for each
PROGRAM_FLIPS = 6  # of each file, through the programs themselves


def first_tags(path):
    tags, size = [], 0
    for tag in flv.tags_of_file(path):
        size += len(tag.body) + 15
        if size > SIZE and len(tags) >= 6:
            return tags
        tags.append(tag)
    return tags


def in_one_process(t, files):
    """The counts that test-flv-stages prints: inputs, refused, messages, findings."""
    truncations = sum(os.path.getsize(file) // STEP for file in files)
    for argv, inputs in ((["truncate", str(STEP)], truncations), (["flip", str(-(-FLIPS // len(files))), "1"], FLIPS)):
        run = t.start([os.path.join(harness.BIN, "test-flv-stages"), *argv, *files])
        status = run.wait(PATIENCE)
        check_sanitizers([run])
        harness.equal(status, 0, f"status of test-flv-stages {argv[0]}; it was at {run.stderr().splitlines()[-1:]}")
        done = {name: int(number) for name, number in re.findall(r"(\w+) (\d+)", run.stdout())}
        harness.check(done["inputs"] >= inputs, f"{argv[0]}: {done['inputs']} of {inputs} inputs")
        harness.check(done["messages"] > inputs and 0 < done["refused"] <= done["inputs"], f"{argv[0]}: {done}")
        print(f"{argv[0]}: {run.stdout().strip()}", flush=True)


def through_the_programs(t, what, data, seed):
    """A stage's messages depend on the flipped bits; this checks only that it ends by itself, within its limits."""
    numbers = random.Random(seed)
    for number in range(PROGRAM_FLIPS):
        flipped = bytearray(data)
        for _ in range(numbers.randrange(1, 9)):
            flipped[numbers.randrange(13, len(flipped))] ^= 1 << numbers.randrange(8)
        for name in STAGES:
            Fed(t, name, bytes(flipped), f"{what}, flips number {number} of seed {seed}")


def test(t):
    files = []
    for codec, source in SOURCES.items():
        tags = first_tags(flv_of(source))
        harness.check(sum(map(flv.is_media, tags)) >= 4, f"{source}: too few frames in {SIZE} bytes")
        for make in (plain, on_channel):
            path = t.path(f"{codec}-{make.__name__}.flv")
            with open(path, "wb") as f:
                f.write(make(tags))
            files.append(path)
            through_the_programs(t, f"{codec}, {make.__name__}", make(tags), seed=7)
    if not LOOKS_AT_THREADS:  # it has one thread, and takes minutes
        in_one_process(t, files)


harness.main(test)
