"""FLV that lies about itself, on the standard input of every stage, as plain FLV and as a pipe of channels."""

from scene import harness

import flv
import media
from feed import STAGES, Fed, on_channel, plain


def header_of(data_offset, flags=5):
    return b"FLV\x01" + bytes([flags]) + data_offset.to_bytes(4, "big") + bytes(4)


def count(tags):
    return sum(map(flv.is_media, tags))


def empty_tags(t, name, make, tags):
    """A tag of size 0, of each kind, between others: no stage ends."""
    odd = [flv.Tag(kind, tag.time, 0, b"") for tag in tags[20:40] for kind in (8, 9, 18)]
    fed = Fed(t, name, make(tags[:20] + odd + tags[20:]), "tags of size 0").ends_well()
    if name in ("srs-ingest", "srs-relay"):
        harness.equal(count(flv.tags(fed.output)) - count(odd), count(tags), f"media that {name} wrote behind tags of size 0")


def size_beyond_the_end(t, name, make, tags):
    data = make(tags)
    for at in (flv.tag_offsets(data)[-20], flv.tag_offsets(data)[1]):
        Fed(t, name, data[:at + 1] + b"\xff\xff\xff" + data[at + 4:], "a tag whose size is beyond the end").complains()


def sizes_that_lie(t, name, make, tags):
    """A size that is one byte off: no tag follows."""
    data = make(tags)
    at = flv.tag_offsets(data)[-20]
    size = int.from_bytes(data[at + 1:at + 4], "big")
    for wrong in (size + 1, size - 1, 0):
        Fed(t, name, data[:at + 1] + wrong.to_bytes(3, "big") + data[at + 4:], f"a tag whose size is {wrong - size:+d} bytes wrong").complains()


def headers(t, name, make, tags):
    body = make(tags)[13:]
    for offset in (0, 8, 1025, 0x7fffffff, 0xffffffff):
        Fed(t, name, header_of(offset) + body, f"a DataOffset of {offset}").complains()
    # The flags are a promise that no stage relies on.
    for flags in (0, 0xff):
        Fed(t, name, header_of(9, flags) + body, f"header flags of {flags}").ends_well()
    Fed(t, name, header_of(100)[:9] + bytes(91 + 4) + body, "a longer header").ends_well()


def cut_off(t, name, make, tags):
    """Within the header, a tag's header, its payload and its trailer: some cuts through the programs; flv_stages.cpp tests all."""
    data = make(tags)
    last = flv.tag_offsets(data)[-2]
    for size in (1, 8, 12, last + 1, last + 10, last + 12, len(data) - 1):
        Fed(t, name, data[:size], f"a file cut off at byte {size}").complains()


def times(t, name, make, tags):
    """A stream that crosses 2^24, 2^31 and 2^32 ms continues; so does one whose timestamps go back."""
    for what, start in (("2^24", 2**24), ("2^31", 2**31), ("2^32", 2**32)):
        fed = Fed(t, name, make([tag._replace(time=tag.time + start - 1000) for tag in tags]), f"times that cross {what}").ends_well()
        if name in ("srs-ingest", "srs-relay"):
            harness.equal(count(flv.tags(fed.output)), count(tags), f"media that {name} wrote of a stream that crosses {what}")
    back = tags[:len(tags) // 2] + [tag._replace(time=max(0, tag.time - 100_000)) for tag in tags[len(tags) // 2:]]
    Fed(t, name, make(back), "times that go back").ends_well()
    jumps = [tag._replace(time=(tag.time * 0x01234567) & 0xffffffff) for tag in tags]
    Fed(t, name, make(jumps), "times that jump about").ends_well()


def test(t):
    tags = flv.tags_of_file(media.fixture("small.flv"))[:200]
    for name in STAGES:
        for make in (plain, on_channel):
            for case in (empty_tags, size_beyond_the_end, sizes_that_lie, headers, cut_off, times):
                case(t, name, make, tags)
            print(f"{name}, {make.__name__}", flush=True)


harness.main(test)
