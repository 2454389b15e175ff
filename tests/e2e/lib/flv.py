"""Reads FLV as it lies on a pipe or in a response: tags, channels, and the script values that the tools write."""

import collections
import struct

import harness

# kind: 8 audio, 9 video, 18 script; time in ms; channel: the tag header's StreamID (0 in a plain FLV).
Tag = collections.namedtuple("Tag", "kind time channel body")

AUDIO, VIDEO, SCRIPT = 8, 9, 18
HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"


def tags(data):
    """Every whole tag of the bytes of an FLV; what is cut off at the end is left out."""
    if len(data) < 13:
        return []
    assert data[:3] == b"FLV", data[:16]
    found, at = [], 13
    while at + 11 <= len(data):
        size = int.from_bytes(data[at + 1:at + 4], "big")
        if at + 11 + size + 4 > len(data):
            break
        time = int.from_bytes(data[at + 4:at + 7], "big") | data[at + 7] << 24
        found.append(Tag(data[at] & 31, time, int.from_bytes(data[at + 8:at + 11], "big"), data[at + 11:at + 11 + size]))
        at += 11 + size + 4
    return found


def tags_of_file(path):
    with open(path, "rb") as f:
        return tags(f.read())


def media_in(path):
    """How many media tags a file holds by now; 0 while there is no file."""
    try:
        return sum(map(is_media, tags_of_file(path)))
    except FileNotFoundError:
        return 0


def check_monotonic(found, what, kinds=(8, 9)):
    """Failed where a track's timestamps go back, or one of these kinds is missing."""
    last = {}
    for tag in filter(is_media, found):
        track = (tag.channel, tag.kind)
        harness.check(tag.time >= last.get(track, 0), f"{what}: {track} goes back from {last.get(track)} to {tag.time}")
        last[track] = tag.time
    missing = set(kinds) - {kind for _, kind in last}
    harness.check(not missing, f"{what}: nothing of kind {missing}")


def tag_offsets(data):
    """Where each tag of a whole FLV begins."""
    offsets, at = [], 13
    while at + 11 <= len(data):
        offsets.append(at)
        at += 11 + int.from_bytes(data[at + 1:at + 4], "big") + 4
    return offsets


def write_tag(kind, time, body, channel=0):
    return (bytes([kind]) + len(body).to_bytes(3, "big") + (time & 0xffffff).to_bytes(3, "big") + bytes([time >> 24 & 255])
            + channel.to_bytes(3, "big") + body + struct.pack(">I", len(body) + 11))


def is_media(tag):
    """Sound or picture, and not a sequence header."""
    if tag.kind == SCRIPT or len(tag.body) < 2:
        return False
    if tag.kind == VIDEO and tag.body[0] & 0x80:
        return tag.body[0] & 15 in (1, 3)
    return tag.body[1] != 0 if tag.kind == VIDEO and tag.body[0] & 15 == 7 or tag.kind == AUDIO and tag.body[0] >> 4 == 10 else True


def is_key_frame(tag):
    return tag.kind == VIDEO and is_media(tag) and tag.body[0] >> 4 & 7 == 1


def amf_values(data):
    """The AMF0 values of a script tag or a command: numbers, booleans, strings, null, objects, arrays."""
    values, at = [], 0
    while at < len(data):
        value, at = _amf_value(data, at)
        values.append(value)
    return values


def script(tag):
    """(name, value) of a script tag, e.g. ("onStream", {"path": ..., "event": "begin"})."""
    values = amf_values(tag.body)
    return values[0], values[1] if len(values) > 1 else None


def is_discontinuity(tag):
    return tag.kind == SCRIPT and script(tag)[0] == "onDiscontinuity"


def _amf_string(data, at):
    size = int.from_bytes(data[at:at + 2], "big")
    return data[at + 2:at + 2 + size].decode(errors="surrogateescape"), at + 2 + size


def _amf_value(data, at):
    marker, at = data[at], at + 1
    if marker == 0:
        return struct.unpack(">d", data[at:at + 8])[0], at + 8
    if marker == 1:
        return data[at] != 0, at + 1
    if marker == 2:
        return _amf_string(data, at)
    if marker in (3, 8):
        at += 4 if marker == 8 else 0
        fields = {}
        while True:
            name, at = _amf_string(data, at)
            if not name and data[at] == 9:
                return fields, at + 1
            fields[name], at = _amf_value(data, at)
    if marker in (5, 6):
        return None, at
    if marker == 10:
        items, count = [], int.from_bytes(data[at:at + 4], "big")
        at += 4
        for _ in range(count):
            item, at = _amf_value(data, at)
            items.append(item)
        return items, at
    if marker == 11:
        return struct.unpack(">d", data[at:at + 8])[0], at + 10
    if marker == 12:
        size = int.from_bytes(data[at:at + 4], "big")
        return data[at + 4:at + 4 + size].decode(errors="surrogateescape"), at + 4 + size
    raise ValueError(f"AMF0 marker {marker} at {at - 1}")


def amf(value):
    """One value as AMF0."""
    if value is None:
        return b"\x05"
    if isinstance(value, bool):
        return b"\x01" + bytes([value])
    if isinstance(value, (int, float)):
        return b"\x00" + struct.pack(">d", value)
    if isinstance(value, (str, bytes)):
        raw = value.encode() if isinstance(value, str) else value
        return b"\x02" + struct.pack(">H", len(raw)) + raw
    fields = b"".join(struct.pack(">H", len(name)) + name.encode() + amf(item) for name, item in value.items())
    return b"\x03" + fields + b"\x00\x00\x09"
