"""Makes small H.264 and AAC streams as MPEG-TS and fragmented MP4, right in all that the checker reads; the pictures in
them are noise. Frames are (time in seconds, bytes, key frame)."""

import functools
import random
import struct
import zlib

import ts

FPS = 10
RATE = 48000
AAC_FRAME = 1024


def bits_of(fields):
    """Bytes of (value, width) fields; width 0 means Exp-Golomb. Ends with RBSP stop bits."""
    text = ""
    for value, width in fields:
        text += f"{value:0{width}b}" if width else "0" * (len(f"{value + 1:b}") - 1) + f"{value + 1:b}"
    text += "1"
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


@functools.lru_cache(None)
def sps(width, height, references=1):
    """Baseline profile; whole macroblocks only."""
    fields = [(66, 8), (0xc0, 8), (30, 8), (0, 0), (0, 0), (2, 0), (references, 0), (0, 1), (width // 16 - 1, 0), (height // 16 - 1, 0),
              (1, 1), (1, 1), (0, 1), (0, 1)]
    return b"\x67" + bits_of(fields)


PPS = b"\x68\xce\x3c\x80"


def noise(seed, size):
    """Bytes without zeros: no start code can be in them."""
    return bytes(random.Random(seed).randrange(1, 256) for _ in range(size))


@functools.lru_cache(None)
def picture(seed, key, size):
    return (b"\x65" if key else b"\x41") + noise(seed, size)


@functools.lru_cache(None)
def sound(seed):
    return noise(-1 - seed, 60)


def video_frames(begin, end, size, keys=()):
    """From `begin` to before `end`, in seconds: a key frame each second, and where keys say."""
    keyed = {round(key * FPS) for key in keys}
    return [(n / FPS, picture(n, key := n % FPS == 0 or n in keyed, size), key) for n in range(round(begin * FPS), round(end * FPS))]


def audio_frames(begin, end):
    step = AAC_FRAME / RATE
    first, last = (-(-round(one * RATE * 1000) // (AAC_FRAME * 1000)) for one in (begin, end))
    return [(n * step, sound(n), True) for n in range(first, last)]


# MPEG-TS

class TsWriter:
    """Counters go on over segments."""

    def __init__(self, width, height):
        self.counters, self.sets = {}, (sps(width, height), PPS)

    def packets(self, pid, payload, pcr=None):
        out, first = [], True
        while payload:
            adaptation = b""
            if first and pcr is not None:
                adaptation = b"\x10" + ((pcr << 15) | 0x7e00).to_bytes(6, "big")
            room = 184 - (len(adaptation) + 1 if adaptation else 0)
            if len(payload) < room:
                adaptation = (adaptation or (b"\0" if room - len(payload) > 1 else b"")) if room - len(payload) else adaptation
                stuffing = 184 - len(payload) - 1 - len(adaptation)
                adaptation += b"\xff" * stuffing
                room, has = len(payload), True
            else:
                has = bool(adaptation)
            counter = self.counters.get(pid, -1) + 1 & 15
            self.counters[pid] = counter
            head = struct.pack(">BHB", 0x47, (0x4000 if first else 0) | pid, (0x30 if has else 0x10) | counter)
            out.append(head + (bytes([len(adaptation)]) + adaptation if has else b"") + payload[:room])
            payload, first = payload[room:], False
        return b"".join(out)

    def table(self, pid, kind, number, content):
        body = bytes([kind]) + struct.pack(">HHBBB", 0xb000 | len(content) + 9, number, 0xc1, 0, 0) + content
        section = b"\0" + body + ts.crc(body).to_bytes(4, "big")
        return self.packets(pid, section + b"\xff" * (184 - len(section)))

    def pes(self, pid, stream, time, payload, pcr=None):
        stamp = round(time * 90000) + 9000
        pts = bytes([0x21 | stamp >> 29 & 14]) + struct.pack(">HH", stamp >> 14 & 0xfffe | 1, stamp << 1 & 0xfffe | 1)
        head = b"\0\0\1" + bytes([stream]) + struct.pack(">H", len(payload) + 8 if stream == 0xc0 else 0) + b"\x80\x80\x05" + pts
        return self.packets(pid, head + payload, pcr)

    def segment(self, video, audio):
        out = self.table(0, 0, 1, struct.pack(">HH", 1, 0xe000 | 4096))
        streams = (b"\x1b\xe1\x00\xf0\x00" if video else b"") + (b"\x0f\xe1\x01\xf0\x00" if audio else b"")
        out += self.table(4096, 2, 1, struct.pack(">HH", 0xe000 | 256, 0xf000) + streams)
        for time, data, key, kind in sorted([(*f, "v") for f in video] + [(*f, "a") for f in audio], key=lambda f: f[0]):
            if kind == "a":
                length = len(data) + 7
                adts = bytes([0xff, 0xf1, 0x4c, 0x40 | length >> 11, length >> 3 & 255, (length & 7) << 5 | 0x1f, 0xfc])
                out += self.pes(257, 0xc0, time, adts + data)
            else:
                units = [b"\x09\xf0", *(self.sets if key else ()), data]
                out += self.pes(256, 0xe0, time, b"".join(b"\0\0\0\1" + unit for unit in units), round(time * 90000))
        return out


# Fragmented MP4

def box(kind, *content):
    data = b"".join(content)
    return struct.pack(">I4s", len(data) + 8, kind) + data


def full(kind, flags, *content, version=0):
    return box(kind, struct.pack(">I", version << 24 | flags), *content)


MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
SCALES = {"video": 90000, "audio": RATE}


def entry(kind, width, height):
    if kind == "audio":
        esds = full(b"esds", 0, b"\x03\x19\0\0\0\x04\x11\x40\x15\0\0\0" + bytes(8) + b"\x05\x02\x11\x88\x06\x01\x02")
        return box(b"mp4a", bytes(6), struct.pack(">HQHHIHH", 1, 0, 1, 16, 0, RATE, 0), esds)
    parameters = sps(width, height)
    avcc = box(b"avcC", b"\x01", parameters[1:4], b"\xff\xe1", struct.pack(">H", len(parameters)), parameters,
               b"\x01", struct.pack(">H", len(PPS)), PPS)
    return box(b"avc1", bytes(6), struct.pack(">H", 1), bytes(16), struct.pack(">HHIII", width, height, 0x480000, 0x480000, 0),
               struct.pack(">H", 1), bytes(32), b"\0\x18\xff\xff", avcc)


def trak(number, kind, width, height):
    handler = b"vide" if kind == "video" else b"soun"
    media_head = full(b"vmhd", 1, bytes(8)) if kind == "video" else full(b"smhd", 0, bytes(4))
    empty = [full(name, 0, bytes(8 if name == b"stsz" else 4)) for name in (b"stts", b"stsc", b"stsz", b"stco")]
    table = box(b"stbl", full(b"stsd", 0, struct.pack(">I", 1), entry(kind, width, height)), *empty)
    refers = box(b"dinf", full(b"dref", 0, struct.pack(">I", 1), full(b"url ", 1)))
    media = box(b"mdia", full(b"mdhd", 0, struct.pack(">IIIIHH", 0, 0, SCALES[kind], 0, 0x55c4, 0)),
                full(b"hdlr", 0, bytes(4), handler, bytes(12), b"x\0"), box(b"minf", media_head, refers, table))
    size = (width << 16, height << 16) if kind == "video" else (0, 0)
    return box(b"trak", full(b"tkhd", 3, struct.pack(">5I", 0, 0, number, 0, 0), bytes(16), MATRIX, struct.pack(">II", *size)), media)


def init(kinds, width=320, height=176):
    tracks = [trak(i + 1, kind, width, height) for i, kind in enumerate(kinds)]
    extends = [full(b"trex", 0, struct.pack(">5I", i + 1, 1, 0, 0, 0)) for i in range(len(kinds))]
    head = full(b"mvhd", 0, struct.pack(">IIIIIH", 0, 0, 1000, 0, 0x10000, 0x100), bytes(10), MATRIX, bytes(24),
                struct.pack(">I", len(kinds) + 1))
    return box(b"ftyp", b"iso6\0\0\0\0iso6cmfc") + box(b"moov", head, *tracks, box(b"mvex", *extends))


def fragment(number, tracks):
    """tracks: [(kind, frames)]: one moof and mdat. Track ids are their places in the list."""
    def moof(offsets):
        return box(b"moof", full(b"mfhd", 0, struct.pack(">I", number)), *(
            traf(i + 1, kind, frames, offset) for i, ((kind, frames), offset) in enumerate(zip(tracks, offsets))))
    payloads = [b"".join(sample(kind, frame) for frame in frames) for kind, frames in tracks]
    begin = len(moof([0] * len(tracks))) + 8
    offsets = [begin + sum(len(one) for one in payloads[:i]) for i in range(len(tracks))]
    return moof(offsets) + box(b"mdat", *payloads)


def sample(kind, frame):
    return struct.pack(">I", len(frame[1])) + frame[1] if kind == "video" else frame[1]


def traf(number, kind, frames, offset):
    step = 90000 // FPS if kind == "video" else AAC_FRAME
    base = round(frames[0][0] * SCALES[kind]) if frames else 0
    run = b"".join(struct.pack(">III", step, len(sample(kind, frame)), 0x02000000 if frame[2] else 0x01010000) for frame in frames)
    return box(b"traf", full(b"tfhd", 0x20000, struct.pack(">I", number)), full(b"tfdt", 0, struct.pack(">Q", base), version=1),
               full(b"trun", 0x701, struct.pack(">II", len(frames), offset), run))


def etag(body):
    return f'"{zlib.crc32(body):08x}"'
