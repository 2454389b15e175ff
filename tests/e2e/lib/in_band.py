"""H.264 as some encoders send it: parameter sets in the key frames, start codes where lengths belong."""

import flv


def parameter_sets(record):
    """SPS and PPS of an AVCDecoderConfigurationRecord, with lengths in front."""
    sets, at = b"", 5
    for mask in (31, 255):
        count, at = record[at] & mask, at + 1
        for _ in range(count):
            size = int.from_bytes(record[at:at + 2], "big")
            sets += size.to_bytes(4, "big") + record[at + 2:at + 2 + size]
            at += 2 + size
    return sets


def with_start_codes(body):
    out, at = b"", 0
    while at + 4 <= len(body):
        size = int.from_bytes(body[at:at + 4], "big")
        out += b"\0\0\0\1" + body[at + 4:at + 4 + size]
        at += 4 + size
    return out


def in_band(tags, keep_header=False, annex_b=False):
    """The tags with their parameter sets in the key frames, and without a sequence header."""
    out, sets = [], b""
    for tag in tags:
        if tag.kind != flv.VIDEO or tag.body[1] > 1:
            out.append(tag)
        elif tag.body[1] == 0:
            sets = parameter_sets(tag.body[5:])
            if keep_header:
                out.append(tag)
        else:
            body = (sets if flv.is_key_frame(tag) else b"") + tag.body[5:]
            out.append(tag._replace(body=tag.body[:5] + (with_start_codes(body) if annex_b else body)))
    return out


def encoded(t, size):
    path = t.path(f"{size}.flv")
    t.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25", "-t", "3", "-c:v", "libx264", "-g", "25", "-bf", "0",
           "-preset", "ultrafast", path]).succeeds()
    return flv.tags_of_file(path)


def write(path, tags):
    with open(path, "wb") as f:
        f.write(flv.HEADER + b"".join(flv.write_tag(tag.kind, tag.time, tag.body) for tag in tags if tag.kind != flv.SCRIPT))
    return path
