"""AMF3 that grows when its references are followed."""


def u29(value):
    if value < 0x80:
        return bytes([value])
    if value < 0x4000:
        return bytes([value >> 7 | 0x80, value & 0x7f])
    return bytes([value >> 14 | 0x80, value >> 7 & 0x7f | 0x80, value & 0x7f])


def repeated(text, times):
    """An array that repeats one text by reference: two bytes each."""
    return b"\x11\x09" + u29(times << 1 | 1) + b"\x01\x06" + u29(len(text) << 1 | 1) + text + b"\x06\x00" * (times - 1)
