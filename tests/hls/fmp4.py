"""Reads fMP4: the init section's tracks, and fragments with their decode times, durations and samples."""

import struct

import h264
from ts import Track

CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf", b"sinf", b"schi"}


def boxes(data, at=0, end=None):
    """(type, begin of the content, end) of each box; ValueError if one does not fit."""
    end = len(data) if end is None else end
    while at < end:
        if end - at < 8:
            raise ValueError(f"{end - at} bytes left over after the last box")
        size, kind = struct.unpack_from(">I4s", data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from(">Q", data, at + 8)[0], 16
        if size < head or at + size > end:
            raise ValueError(f"box {kind!r} of {size} bytes does not fit into {end - at}")
        yield kind, at + head, at + size
        at += size


def find(data, path, at=0, end=None):
    """Contents (begin, end) of all boxes at a path such as moov/trak/tkhd."""
    first, _, rest = path.partition("/")
    for kind, begin, stop in boxes(data, at, end):
        if kind == first.encode():
            if rest:
                yield from find(data, rest, begin, stop)
            else:
                yield begin, stop


def one(data, path, at=0, end=None):
    return next(find(data, path, at, end), None)


def _hevc(name, c):
    space, tier, idc = c[1] >> 6, c[1] >> 5 & 1, c[1] & 31
    compatible = int(f"{int.from_bytes(c[2:6], 'big'):032b}"[::-1], 2)
    constraints = c[6:12].rstrip(b"\0")
    return ".".join([name, f"{'ABC'[space - 1] if space else ''}{idc}", f"{compatible:X}", f"{'LH'[tier]}{c[12]}",
                     *(f"{byte:X}" for byte in constraints)])


def _av1(name, c):
    depth = (12 if c[2] & 32 else 10) if c[2] & 64 else 8
    return f"{name}.{c[1] >> 5}.{c[1] & 31:02}{'MH'[c[2] >> 7]}.{depth:02}"


# RFC 6381 strings from configuration boxes; whatever is not here is its sample entry's name.
CODEC_STRINGS = {b"hvcC": _hevc, b"av1C": _av1, b"vpcC": lambda name, c: f"{name}.{c[4]:02}.{c[5]:02}.{c[6] >> 4:02}"}


class InitTrack:
    def __init__(self):
        self.id = self.scale = self.codec = self.size = self.kind = None
        self.config, self.scheme, self.defaults = b"", None, (0, 0, 0)


def descriptor_config(data):
    """(object type of the DecoderConfigDescriptor, AudioSpecificConfig) of an esds box: tags 4 and 5."""
    at, kind = 4, 0
    while at + 2 <= len(data):
        tag, at, size = data[at], at + 1, 0
        while True:
            byte = data[at]
            at += 1
            size = size << 7 | byte & 127
            if not byte & 128:
                break
        if tag == 5:
            return kind, data[at:at + size]
        kind = data[at] if tag == 4 else kind
        at += {3: 3, 4: 13}.get(tag, size)
    return kind, b""


def _entry(data, begin, end, track):
    """The first sample entry of an stsd box."""
    kind, at, stop = next(boxes(data, begin + 8, end))
    name = kind.decode("latin-1")
    inner = at + (78 if track.kind == "video" else 28)
    if track.kind == "video":
        track.size = struct.unpack_from(">HH", data, at + 24)
    if name in ("encv", "enca"):
        format_at = one(data, "sinf/frma", inner, stop)
        scheme = one(data, "sinf/schm", inner, stop)
        track.scheme = data[scheme[0] + 4:scheme[0] + 8].decode("latin-1") if scheme else "none"
        name = data[format_at[0]:format_at[1]].decode("latin-1") if format_at else name
    track.codec = name
    for child, child_at, child_end in boxes(data, inner, stop):
        content = data[child_at:child_end]
        if child == b"avcC":
            track.config, track.codec = content, f"{name}.{content[1:4].hex()}"
        elif child == b"esds":
            kind, track.config = descriptor_config(content)
            track.codec = f"mp4a.40.{track.config[0] >> 3}" if track.config else f"mp4a.{kind:02x}"
        elif child in (b"hvcC", b"av1C", b"vpcC", b"dOps", b"dfLa", b"dac3", b"dec3"):
            track.config = content
            track.codec = CODEC_STRINGS.get(child, lambda name, _: name)(name, content)


def init(data):
    """The tracks of an init section, by id."""
    tracks, defaults = {}, {}
    for begin, end in find(data, "moov/trak"):
        track = InitTrack()
        head = one(data, "tkhd", begin, end)
        track.id = struct.unpack_from(">I", data, head[0] + (20 if data[head[0]] else 12))[0]
        head = one(data, "mdia/mdhd", begin, end)
        track.scale = struct.unpack_from(">I", data, head[0] + (20 if data[head[0]] else 12))[0]
        handler = one(data, "mdia/hdlr", begin, end)
        track.kind = {b"vide": "video", b"soun": "audio"}.get(data[handler[0] + 8:handler[0] + 12], "other")
        _entry(data, *one(data, "mdia/minf/stbl/stsd", begin, end), track)
        tracks[track.id] = track
    for begin, _ in find(data, "moov/mvex/trex"):
        track_id, _, duration, size, flags = struct.unpack_from(">5I", data, begin + 4)
        defaults[track_id] = (duration, size, flags)
    for track_id, track in tracks.items():
        track.defaults = defaults.get(track_id, (0, 0, 0))
    return tracks


class Fragment:
    """One traf. samples: (duration, size, flags); places: (begin, end) in the file of each run's samples."""

    def __init__(self, data, moof, begin, end, known):
        at = one(data, "tfhd", begin, end)
        if not at:
            raise ValueError("a traf without tfhd")
        self.samples, self.places = [], []
        self.track_id = int.from_bytes(data[at[0] + 4:at[0] + 8], "big")
        defaults = list(known[self.track_id].defaults) if self.track_id in known else [0, 0, 0]
        _read_defaults(data, at[0], defaults)
        time_at = one(data, "tfdt", begin, end)
        if not time_at:
            raise ValueError("a fragment without tfdt")
        wide = data[time_at[0]]
        self.base = int.from_bytes(data[time_at[0] + 4:time_at[0] + (12 if wide else 8)], "big")
        for run, stop in find(data, "trun", begin, end):
            self._run(data, moof, run, stop, defaults)
        self.ticks = sum(sample[0] for sample in self.samples)
        first = self.places[0][0] if self.places else 0
        self.first = data[first:first + self.samples[0][1]] if self.samples else b""

    def _run(self, data, moof, at, end, defaults):
        bits, count = int.from_bytes(data[at + 1:at + 4], "big"), int.from_bytes(data[at + 4:at + 8], "big")
        at += 8
        begin = self.places[-1][1] if self.places else moof
        if bits & 1:
            begin, at = moof + int.from_bytes(data[at:at + 4], "big", signed=True), at + 4
        first_flags = int.from_bytes(data[at:at + 4], "big") if bits & 4 else None
        at += 4 if bits & 4 else 0
        width = 4 * sum(bool(bits & b) for b in (0x100, 0x200, 0x400, 0x800))
        if at + count * width > end or (not width and count > 100000):
            raise ValueError("a trun longer than its box")
        size = 0
        for i in range(count):
            sample = list(defaults)
            for k, b in enumerate((0x100, 0x200, 0x400)):
                if bits & b:
                    sample[k] = int.from_bytes(data[at:at + 4], "big")
                    at += 4
            at += 4 if bits & 0x800 else 0
            if i == 0 and first_flags is not None:
                sample[2] = first_flags
            self.samples.append(tuple(sample))
            size += sample[1]
        self.places.append((begin, begin + size))


def _read_defaults(data, at, defaults):
    flags = int.from_bytes(data[at + 1:at + 4], "big")
    at += 8 + (8 if flags & 1 else 0) + (4 if flags & 2 else 0)
    for i, bit in enumerate((8, 16, 32)):
        if flags & bit:
            defaults[i] = int.from_bytes(data[at:at + 4], "big")
            at += 4


def fragments(data, known):
    """(all trafs of a segment or part in order, problems: what does not lie inside its mdat)."""
    found, problems, waiting = [], [], []
    for kind, begin, end in boxes(data):
        if kind == b"moof":
            waiting = [Fragment(data, begin - 8, *place, known) for place in find(data, "traf", begin, end)]
            found += waiting
        elif kind == b"mdat":
            for fragment in waiting:
                outside = [place for place in fragment.places if place[0] < begin or place[1] > end]
                if outside:
                    problems.append(f"samples of track {fragment.track_id} at {outside[0]} are outside the mdat at {(begin, end)}")
            waiting = []
    if waiting:
        problems.append("a moof without its mdat")
    return found, problems


def tracks(found, known):
    """(video or None, audio or None, fragments that do not follow each other): each a ts.Track."""
    result, jumps = {}, []
    for fragment in found:
        declared = known.get(fragment.track_id)
        if not declared or not fragment.samples:
            continue
        if fragment.track_id not in result:
            result[fragment.track_id] = _track(fragment, declared)
        track = result[fragment.track_id]
        if fragment.base != track.base + track.ticks:
            jumps.append(f"track {fragment.track_id}: tfdt {fragment.base}, but {track.base} + {track.ticks} comes next")
        track.ticks += fragment.ticks
        track.duration = track.ticks / track.scale
        steps = sorted(sample[0] for sample in fragment.samples)
        track.frame = max(track.frame, steps[len(steps) // 2] / track.scale)
    by_kind = {track.kind: track for track in result.values()}
    return by_kind.get("video"), by_kind.get("audio"), jumps


def _track(fragment, declared):
    track = Track()
    track.kind, track.codec, track.config, track.size = declared.kind, declared.codec, declared.config, declared.size
    track.scale, track.base, track.begin = declared.scale, fragment.base, fragment.base / declared.scale
    track.track_id, track.sync = fragment.track_id, not fragment.samples[0][2] & 0x10000
    if declared.kind == "video" and declared.codec.startswith("avc") and not declared.scheme:
        track.sync = track.sync and any(unit and unit[0] & 31 == 5 for unit in h264.lengths(fragment.first))
    return track
