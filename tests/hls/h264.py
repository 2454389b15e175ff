"""As much of H.264 and AAC as the rules ask for: sizes and codec strings from sequence parameter sets, IDR pictures, ADTS."""


class Bits:
    def __init__(self, data):
        self.value, self.left = int.from_bytes(data, "big"), len(data) * 8

    def read(self, count):
        self.left -= count
        if self.left < 0:
            raise ValueError("parameter set ends early")
        return (self.value >> self.left) & ((1 << count) - 1)

    def ue(self):
        zeros = 0
        while not self.read(1):
            zeros += 1
            if zeros > 32:
                raise ValueError("no Exp-Golomb code")
        return (1 << zeros) - 1 + (self.read(zeros) if zeros else 0)

    def se(self):
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def sps_size(sps):
    """(width, height) of a sequence parameter set, its NAL header included."""
    bits = Bits(sps[1:].replace(b"\0\0\3", b"\0\0"))
    profile = bits.read(8)
    bits.read(16)
    bits.ue()
    chroma = 1
    if profile in (100, 110, 122, 244, 44, 83, 86, 118, 128):
        chroma = bits.ue()
        if chroma == 3:
            bits.read(1)
        bits.ue(), bits.ue(), bits.read(1)
        if bits.read(1):
            for i in range(8 if chroma != 3 else 12):
                if bits.read(1):
                    last = following = 8
                    for _ in range(16 if i < 6 else 64):
                        if following:
                            following = (last + bits.se()) % 256
                        last = following or last
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.read(1), bits.se(), bits.se()
        for _ in range(bits.ue()):
            bits.se()
    bits.ue(), bits.read(1)
    width, height = bits.ue() + 1, bits.ue() + 1
    frame_only = bits.read(1)
    if not frame_only:
        bits.read(1)
    bits.read(1)
    left = right = top = bottom = 0
    if bits.read(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
    x = 2 if chroma in (1, 2) else 1
    y = (2 if chroma == 1 else 1) * (2 - frame_only)
    return width * 16 - x * (left + right), height * 16 * (2 - frame_only) - y * (top + bottom)


def codec(sps):
    return "avc1." + sps[1:4].hex()


def annexb(data):
    """NAL units of a byte stream."""
    return [unit.rstrip(b"\0") for unit in data.split(b"\0\0\1")[1:] if unit.rstrip(b"\0")]


def lengths(data, size=4):
    """NAL units that have their length before them."""
    units, at = [], 0
    while at + size <= len(data):
        length = int.from_bytes(data[at:at + size], "big")
        units.append(data[at + size:at + size + length])
        at += size + length
    return units


RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


def adts(data):
    """(number of frames, samples a second, codec string) of ADTS frames; (0, 0, "") if they are none."""
    at = count = rate = kind = 0
    while at + 7 <= len(data) and data[at] == 0xff and data[at + 1] & 0xf6 == 0xf0:
        length = (data[at + 3] & 3) << 11 | data[at + 4] << 3 | data[at + 5] >> 5
        index = data[at + 2] >> 2 & 15
        if length < 7 or index >= len(RATES):
            break
        rate, kind = RATES[index], (data[at + 2] >> 6) + 1
        count += 1
        at += length
    return count, rate, f"mp4a.40.{kind}" if count else ""
