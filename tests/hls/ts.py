"""Reads an MPEG-TS segment: tables, continuity counters, PES packets with their times."""

import functools

import h264

VIDEO = {0x1b: "h264", 0x24: "hevc"}
AUDIO = {0x0f: "aac", 0x03: "mp3", 0x04: "mp3", 0x81: "ac3", 0x87: "ec3"}
CODECS = {"mp3": "mp4a.40.34", "ac3": "ac-3", "ec3": "ec-3"}
WRAP = 1 << 33


class Stream:
    def __init__(self, kind):
        self.kind, self.pes = kind, []  # (pts, dts, payload)


class Ts:
    """problems: what is no transport stream; tables: what is wrong with PAT and PMT; counters: pid -> (first, last);
    breaks: counters that jump inside; pcrs: in units of 90 kHz."""

    def __init__(self, data):
        self.problems, self.tables, self.streams, self.counters, self.breaks = [], [], {}, {}, []
        self.first_pids, self.pmt_pid, self.pcr_pid, self.pcrs = [], None, None, []
        if len(data) % 188 or not data:
            self.problems.append(f"{len(data)} bytes are no whole packets of 188")
        partial = {}
        for at in range(0, len(data) - 187, 188):
            packet = data[at:at + 188]
            if packet[0] != 0x47:
                self.problems.append(f"no sync byte at {at}")
                return
            self._packet(packet, partial)
        for pid, payload in partial.items():
            self._pes(pid, payload)
        if not self.streams:
            self.tables.append("no PAT and PMT that name streams")
        elif self.first_pids != [0, self.pmt_pid]:
            self.tables.append(f"it begins with packets of {self.first_pids}, not with PAT and PMT")

    def _packet(self, packet, partial):
        pid = (packet[1] & 0x1f) << 8 | packet[2]
        start, adaptation, counter = packet[1] & 0x40, packet[3] >> 4 & 3, packet[3] & 15
        at = 4
        if adaptation & 2:
            if packet[4] > 6 and packet[5] & 0x10 and pid == self.pcr_pid:
                self.pcrs.append(int.from_bytes(packet[6:10], "big") << 1 | packet[10] >> 7)
            at += 1 + packet[4]
        if not adaptation & 1 or pid == 0x1fff:
            return
        if len(self.first_pids) < 2 and not 1 <= pid < 32:  # other tables of DVB may be there
            self.first_pids.append(pid)
        first, last = self.counters.get(pid, (counter, None))
        if last is not None and counter not in (last, (last + 1) % 16):
            self.breaks.append((pid, last, counter))
        self.counters[pid] = (first, counter)
        payload = packet[at:]
        if pid == 0:
            self._pat(payload)
        elif pid == self.pmt_pid:
            self._pmt(payload)
        elif pid in self.streams:
            if start:
                if pid in partial:
                    self._pes(pid, partial[pid])
                partial[pid] = bytearray(payload)
            elif pid in partial:
                partial[pid] += payload

    def _section(self, name, payload):
        section = payload[1 + payload[0]:]
        section = section[:3 + ((section[1] & 15) << 8 | section[2])]
        if len(section) >= 16 and crc(section) == 0:
            return section
        self.tables.append(f"{name} has a wrong CRC")
        return None

    def _pat(self, payload):
        section = self._section("PAT", payload)
        if section:
            self.pmt_pid = (section[10] & 0x1f) << 8 | section[11]

    def _pmt(self, payload):
        section = self._section("PMT", payload)
        if not section:
            return
        self.pcr_pid = (section[8] & 0x1f) << 8 | section[9]
        end = len(section) - 4
        at = 12 + ((section[10] & 15) << 8 | section[11])
        while at + 5 <= end:
            pid = (section[at + 1] & 0x1f) << 8 | section[at + 2]
            kind = section[at]
            self.streams.setdefault(pid, Stream(VIDEO.get(kind) or AUDIO.get(kind) or f"type {kind:#x}"))
            at += 5 + ((section[at + 3] & 15) << 8 | section[at + 4])

    def _pes(self, pid, data):
        if data[:3] != b"\0\0\1" or len(data) < 9 or not data[7] & 0x80:
            return
        pts = stamp(data[9:14])
        dts = stamp(data[14:19]) if data[7] & 0x40 else pts
        self.streams[pid].pes.append((pts, dts, bytes(data[9 + data[8]:])))

    def of(self, kinds):
        return next((s for s in self.streams.values() if s.kind in kinds and s.pes), None)


@functools.lru_cache(64)
def crc(section):
    """CRC-32 of MPEG-2; 0 over a whole section with its CRC."""
    value = 0xffffffff
    for byte in section:
        value ^= byte << 24
        for _ in range(8):
            value = (value << 1 ^ (0x04c11db7 if value & 0x80000000 else 0)) & 0xffffffff
    return value


def stamp(b):
    return (b[0] >> 1 & 7) << 30 | b[1] << 22 | b[2] >> 1 << 15 | b[3] << 7 | b[4] >> 1


def unwrapped(later, earlier):
    """later - earlier of two 33-bit times, the short way round."""
    return (later - earlier + WRAP // 2) % WRAP - WRAP // 2


class Track:
    """What the rules compare. begin, duration, frame (one of them): seconds; base, ticks: the same in units of 1/scale.
    sync: begins with an IDR; sets_first: parameter sets before it; falls: times that go back; adts: all of its AAC."""

    def __init__(self):
        self.kind = self.codec = self.config = self.size = self.track_id = None
        self.begin = self.duration = self.frame = 0.0
        self.scale, self.base, self.ticks = 90000, 0, 0
        self.sync = self.sets_first = self.adts = True
        self.falls = False


def tracks(ts):
    """(video or None, audio or None) of a segment."""
    video = audio = None
    stream = ts.of(VIDEO.values())
    if stream:
        video = Track()
        video.kind = "video"
        _times(video, stream)
        video.codec = stream.kind
        if stream.kind == "h264":
            units = h264.annexb(stream.pes[0][2])
            kinds = [unit[0] & 31 for unit in units]
            video.sync = 5 in kinds
            video.sets_first = not video.sync or {7, 8} <= set(kinds[:kinds.index(5)])
            sps = next((unit for unit in units if unit[0] & 31 == 7), None)
            if sps:
                video.codec, video.config, video.size = h264.codec(sps), sps, h264.sps_size(sps)
    stream = ts.of(AUDIO.values())
    if stream:
        audio = Track()
        audio.kind = "audio"
        _times(audio, stream)
        audio.codec = CODECS.get(stream.kind, stream.kind)
        if stream.kind == "aac":
            _adts(audio, stream)
    return video, audio


def _adts(audio, stream):
    found = [h264.adts(payload) for _, _, payload in stream.pes]
    frames, rate = sum(one[0] for one in found), found[0][1]
    audio.adts = all(one[0] for one in found)
    if frames and rate:
        audio.frame, audio.ticks = 1024 / rate, round(frames * 1024 / rate * 90000)
        audio.duration, audio.codec, audio.config = frames * 1024 / rate, found[0][2], stream.pes[0][2][2:3]


def _times(track, stream):
    dts = [one[1] for one in stream.pes]
    steps = sorted(unwrapped(b, a) for a, b in zip(dts, dts[1:])) or [0]
    frame = steps[len(steps) // 2]
    track.base, track.ticks = dts[0], unwrapped(dts[-1], dts[0]) + frame
    track.begin, track.duration, track.frame = dts[0] / 90000, track.ticks / 90000, frame / 90000
    track.falls = steps[0] < 0 or any(unwrapped(pts, one) < 0 for pts, one, _ in stream.pes)
