"""Makes a large FLV by repeating a small one, with continuing timestamps; and counts the contents of such a file."""

import struct

TAG_HEADER = 11
FILE_HEADER = 13


def tags(read):
    """(type, timestamp, payload) of each tag; read(n) gives n bytes, or fewer at the end."""
    header = read(FILE_HEADER)
    if header[:3] != b"FLV":
        raise ValueError("not an FLV file")
    while True:
        head = read(TAG_HEADER)
        if not head:
            return
        size = int.from_bytes(head[1:4], "big")
        payload = read(size + 4)
        if len(head) < TAG_HEADER or len(payload) < size + 4:
            raise ValueError("the FLV is truncated")
        yield head[0], int.from_bytes(head[4:7], "big") | head[7] << 24, payload[:-4]


def is_header(kind, payload):
    """Script data and codec configurations, which are only at a stream's start."""
    return kind == 18 or (kind == 9 and payload[0] & 15 == 7 and payload[1] == 0) or \
        (kind == 8 and payload[0] >> 4 == 10 and payload[1] == 0)


def tag(kind, timestamp, payload):
    head = struct.pack(">B3s3sB3x", kind, len(payload).to_bytes(3, "big"),
                       (timestamp & 0xffffff).to_bytes(3, "big"), timestamp >> 24)
    return head + payload + struct.pack(">I", TAG_HEADER + len(payload))


def repeat(source, target, size):
    """Writes `source` repeatedly to `target` until that has `size` bytes or more."""
    with open(source, "rb") as f:
        all_tags = list(tags(f.read))
    media = [(kind, timestamp, payload) for kind, timestamp, payload in all_tags if not is_header(kind, payload)]
    start = media[0][1]
    turn = max(timestamp for _, timestamp, _ in media) - start + 33
    with open(source, "rb") as f:
        file_header = f.read(FILE_HEADER)
    with open(target, "wb") as out:
        out.write(file_header)
        for kind, _, payload in all_tags:
            if is_header(kind, payload):
                out.write(tag(kind, 0, payload))
        turns = 0
        while out.tell() < size:
            out.write(b"".join(tag(kind, timestamp - start + turns * turn, payload)
                               for kind, timestamp, payload in media))
            turns += 1


def count(read):
    """(messages, bytes) of the audio and video in an FLV stream."""
    messages = size = 0
    for kind, _, payload in tags(read):
        if kind != 18:
            messages += 1
            size += len(payload)
    return messages, size
