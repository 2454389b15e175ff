"""srs-relay --pass into a pipe that nobody reads: players miss nothing, and stderr says what the reader missed."""

import os
import time

import flv
import harness
import media
from players import streams


def test(t):
    count = 8  # at 6 Mbit/s each: 6 MB/s, and the writer's queue holds 32 MiB
    names = [word for i in range(count) for word in ("--name", f"live/{i}")]
    read_end, write_end = os.pipe()
    ingest, relay = t.pipeline(
        ["srs-ingest", "--realtime", "--loop", *names, *[media.fixture("busy.flv")] * count],
        ["srs-relay", "--listen", "http://127.0.0.1:0", "--pass"], stdout=write_end)
    os.close(write_end)
    player = t.start(media.framemd5_command(relay.address("http") + "/live/0.flv", after=["-frames:v", "225"]))
    got = media.parse_framemd5(player.succeeds(40).stdout())
    harness.check(relay.alive() and ingest.alive(), "a stage ended")
    wanted = media.framemd5(media.fixture("busy.flv"))
    for stream in "va":
        source, seen = ([p.md5 for p in packets if p.stream == stream] for packets in (wanted, got))
        start = source.index(seen[0])
        harness.check(seen == (source * 3)[start:start + len(seen)], f"packets are missing in stream {stream}")
    relay.wait_line(r"live/0: the reader of our output is slow: dropping")

    # The reader wakes up: it gets whole tags, and a key frame after the gap.
    end = time.monotonic() + 3
    data = bytearray()
    os.set_blocking(read_end, False)
    while time.monotonic() < end:
        try:
            data += os.read(read_end, 1 << 20)
        except BlockingIOError:
            time.sleep(0.01)
    relay.wait_line(r"live/0: the reader of our output was slow: dropped \d+ messages, \d+ ms")
    found = flv.tags(data)
    channel = next(tag.channel for tag in found if tag.kind == flv.SCRIPT and flv.script(tag)[1].get("path") == "live/0")
    tags = [tag for tag in found if tag.channel == channel and flv.is_media(tag)]
    flv.check_monotonic(tags, "the pipe")
    jumps = [i for i in range(1, len(tags)) if tags[i].time - tags[i - 1].time > 200]
    harness.equal(len(jumps), 1, "gaps in what the slow reader got")
    harness.check(flv.is_key_frame(tags[jumps[0]]), "no key frame after the gap")

    # The reader goes away: who plays is served on, and then the relay ends.
    file = t.path("viewer.flv")
    viewer = streams.ffmpeg_record(t, relay.address("http") + "/live/0.flv", file, 3)
    harness.until(lambda: os.path.exists(file) and os.path.getsize(file) > 0, "the viewer's first bytes")
    os.close(read_end)
    relay.wait_line(r"ends once its 1 players have left")
    viewer.succeeds(20)
    harness.equal(relay.wait(10), 1, "exit status")


harness.main(test)
