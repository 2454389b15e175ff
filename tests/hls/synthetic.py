"""A presentation that exists only here, and the recording that a checker would make of it: everything in it is as it should
be, so that mutations can break one thing at a time. Time in it is counted, not waited for."""

import copy
import dataclasses
import datetime
import functools
import hashlib
import subprocess

import synthetic_media as media

FIRST = 100          # number of the first segment
BEGAN = 1_700_000_000.0
DISCONTINUITY = 102  # leaves the playlist while it is recorded
PART = 0.2


@dataclasses.dataclass
class Part:
    uri: str
    duration: float
    independent: bool
    body: bytes


@dataclasses.dataclass
class Segment:
    msn: int
    uri: str
    duration: float
    date: float
    body: bytes
    parts: list
    discontinuity: bool = False
    map: str = ""       # attributes of EXT-X-MAP
    key: str = ""       # of EXT-X-KEY
    map_key: str = ""   # of an EXT-X-KEY that counts for the map only


@dataclasses.dataclass
class Member:
    """One media playlist. files: URI -> (body, Content-Type) of init sections and keys."""
    name: str
    kinds: tuple
    size: tuple
    segments: list
    files: dict
    parts: bool
    target: int = 1
    part_target: float = 0.22
    version: int = 3
    control: str = ""
    parts_listed: int = 3  # target durations from the end
    skip_until: int = 6
    kind: str = ""      # EXT-X-PLAYLIST-TYPE
    independent: bool = True
    content_type: str = "video/mp2t"

    def end(self, now):
        """(segments, parts of the next one) that there are at a time."""
        whole = int(now + 1e-6)
        return whole, min(int((now - whole) / PART + 1e-6), 5) if self.parts else 0

    def at(self, msn):
        return self.segments[msn - FIRST]


@dataclasses.dataclass
class Scene:
    """window: segments in playlists. seconds: how long it is recorded."""
    members: list
    streams: list       # attribute lists of EXT-X-STREAM-INF, with the name of the member
    renditions: list    # attribute lists of EXT-X-MEDIA
    window: int
    seconds: float = 6.0

    def copy(self):
        return copy.deepcopy(self)


def segment_frames(kinds, begin, end, size):
    make = {"video": lambda: media.video_frames(begin, end, size, [begin] if len(kinds) > 1 else ()),
            "audio": lambda: media.audio_frames(begin, end)}
    return [(kind, make[kind]()) for kind in kinds]


def ts_segments(name, bounds, size, bytes_of_frame):
    """Segments between bounds, in seconds of the stream."""
    writer = media.TsWriter(*size)
    for i, (begin, end) in enumerate(zip(bounds, bounds[1:])):
        (_, video), (_, audio) = segment_frames(("video", "audio"), begin, end, bytes_of_frame)
        yield Segment(FIRST + i, f"{name}-{FIRST + i}.ts", round(end - begin, 3), BEGAN + begin, writer.segment(video, audio), [])


def fragment_segments(count, name, kinds, bytes_of_frame, with_parts):
    number = 0
    for i in range(count):
        parts = []
        steps = [i + k * PART for k in range(5)] if with_parts else [i]
        for begin, end in zip(steps, steps[1:] + [i + 1]):
            tracks = segment_frames(kinds, begin, end, bytes_of_frame)
            number += 1
            frames = tracks[0][1]
            length = len(frames) / media.FPS if kinds[0] == "video" else len(frames) * media.AAC_FRAME / media.RATE
            parts.append(Part(f"{name}-part-{number}.m4s", round(length, 3), kinds == ("audio",) or frames[0][2],
                              media.fragment(number, tracks)))
        duration = round(sum(part.duration for part in parts), 3)
        yield Segment(FIRST + i, f"{name}-{FIRST + i}.m4s", duration, BEGAN + i, b"".join(part.body for part in parts),
                      parts if with_parts else [], map=f'URI="{name}-init.mp4"')


@functools.lru_cache(None)
def encrypted(body, key, iv):
    return subprocess.run(["openssl", "enc", "-aes-128-cbc", "-K", key.hex(), "-iv", iv.hex()], input=body, capture_output=True,
                          check=True).stdout


def encrypt(member, with_iv):
    """AES-128 with a new key every three segments; with_iv: and the map is encrypted too, as it needs one."""
    for i, one in enumerate(member.segments):
        number = i // 3
        key = hashlib.sha256(f"key {number}".encode()).digest()[:16]
        iv = (one.msn if not with_iv else 7 + number).to_bytes(16, "big")
        member.files[f"{number}.key"] = (key, "application/octet-stream")
        one.key = f'METHOD=AES-128,URI="{number}.key"' + (f",IV=0x{iv.hex()}" if with_iv else "")
        one.body = encrypted(one.body, key, iv)
    if with_iv:
        key, iv = hashlib.sha256(b"key of the map").digest()[:16], bytes(15) + b"\1"
        member.files["map.key"] = (key, "application/octet-stream")
        uri = next(uri for uri in member.files if uri.endswith("init.mp4"))
        member.files[uri] = (encrypted(member.files[uri][0], key, iv), "video/mp4")
        for one in member.segments:
            one.map_key = f'METHOD=AES-128,URI="map.key",IV=0x{iv.hex()}'


COUNT = 20


def ts_member(name, size=(320, 176), bytes_of_frame=400, bounds=range(COUNT + 1)):
    member = Member(name, ("video", "audio"), size, list(ts_segments(name, bounds, size, bytes_of_frame)), {}, False)
    member.at(DISCONTINUITY).discontinuity = True
    return member


def fragment_member(name, kinds, parts):
    segments = list(fragment_segments(COUNT, name, kinds, 400, parts))
    files = {f"{name}-init.mp4": (media.init(kinds), "video/mp4")}
    member = Member(name, kinds, (320, 176), segments, files, parts, version=9 if parts else 6, content_type="video/mp4")
    member.at(DISCONTINUITY).discontinuity = True
    if parts:
        member.control = "CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=6.000,HOLD-BACK=3.000,PART-HOLD-BACK=0.660"
    return member


def stream_inf(members, size=(320, 176), more=""):
    """An attribute list with what is true of the members' segments."""
    rates = [max(8 * len(one.body) / one.duration for one in member.segments) for member in members]
    average = [sum(8 * len(one.body) for one in member.segments) / len(member.segments) for member in members]
    return (f'BANDWIDTH={int(1.1 * sum(rates))},AVERAGE-BANDWIDTH={int(sum(average))},CODECS="avc1.42c01e,mp4a.40.2",'
            f'RESOLUTION={size[0]}x{size[1]},FRAME-RATE=10.000{more}')


@functools.lru_cache(None)
def original(name):
    if name == "ts":
        members = [ts_member("av")]
    elif name == "fmp4":
        members = [fragment_member("av", ("video", "audio"), False)]
    elif name == "aes":
        members = [ts_member("av")]
        encrypt(members[0], False)
    elif name == "aes-map":
        members = [fragment_member("av", ("video", "audio"), False)]
        encrypt(members[0], True)
    elif name == "low-latency":
        members = [fragment_member("video", ("video",), True), fragment_member("audio", ("audio",), True)]
        media_tag = 'TYPE=AUDIO,GROUP-ID="sound",NAME="sound",DEFAULT=YES,AUTOSELECT=YES,URI="audio.m3u8"'
        return Scene(members, [(stream_inf(members, more=',AUDIO="sound"'), "video")], [media_tag], 10)
    elif name == "ladder":
        members = [ts_member("high", (640, 352), 900), ts_member("low")]
        return Scene(members, [(stream_inf([one], one.size), one.name) for one in members], [], 7)
    return Scene(members, [(stream_inf(members), "av")], [], 7)


def scene(name):
    """A fresh copy of "ts", "fmp4", "aes", "aes-map", "low-latency" or "ladder"."""
    return original(name).copy()


def date(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Text:
    """The text of a playlist. end: (segments, parts) that there are; skip: how much of its head is left out."""

    def __init__(self, a_scene, member, end, skip=False):
        self.scene, self.member, self.lines = a_scene, member, []
        self.last = end[0]                           # segments since FIRST
        self.open = end[1]
        self.first = 0 if member.kind else max(0, end[0] - a_scene.window)
        whole = member.segments[self.first:self.last]
        self.left = sum(one.duration for one in whole) + self.open * PART
        self.head()
        before, skipped = None, 0
        for one in whole:
            self.left -= one.duration
            if skip and self.left >= member.skip_until * member.target:
                skipped += 1
            elif skipped and before is whole[skipped - 1]:
                self.lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
            if not (skip and self.left >= member.skip_until * member.target):
                self.segment(one, before)
            before = one
        self.tail(before)

    def head(self):
        member = self.member
        evicted = sum(one.discontinuity for one in member.segments[:self.first])
        self.lines += ["#EXTM3U", f"#EXT-X-VERSION:{member.version}", f"#EXT-X-TARGETDURATION:{member.target}"]
        if member.control:
            self.lines.append(f"#EXT-X-SERVER-CONTROL:{member.control}")
        if member.parts:
            self.lines.append(f"#EXT-X-PART-INF:PART-TARGET={member.part_target}")
        self.lines += [f"#EXT-X-MEDIA-SEQUENCE:{FIRST + self.first}", f"#EXT-X-DISCONTINUITY-SEQUENCE:{evicted}"]
        if member.kind:
            self.lines.append(f"#EXT-X-PLAYLIST-TYPE:{member.kind}")
        if member.independent:
            self.lines.append("#EXT-X-INDEPENDENT-SEGMENTS")

    def begin(self, one, before):
        if one.discontinuity:
            self.lines.append("#EXT-X-DISCONTINUITY")
        if one.map and (before is None or before.map != one.map):
            self.lines += [f"#EXT-X-KEY:{one.map_key}"] if one.map_key else []
            self.lines.append(f"#EXT-X-MAP:{one.map}")
        if one.key and (before is None or before.key != one.key):
            self.lines.append(f"#EXT-X-KEY:{one.key}")
        self.lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{date(one.date)}")

    def parts(self, parts):
        for part in parts:
            self.lines.append(f'#EXT-X-PART:DURATION={part.duration:.3f},URI="{part.uri}"'
                              + (",INDEPENDENT=YES" if part.independent else ""))

    def segment(self, one, before):
        self.begin(one, before)
        if self.left < self.member.parts_listed * self.member.target:
            self.parts(one.parts)
        self.lines += [f"#EXTINF:{one.duration:.3f},", one.uri]

    def tail(self, before):
        member = self.member
        if not member.parts:
            return
        following = member.segments[self.last]
        if self.open:
            self.begin(following, before)
            self.parts(following.parts[:self.open])
        self.lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{following.parts[self.open].uri}"')
        for other in self.scene.members:
            if other is not member:
                msn, part = (FIRST + self.last, self.open - 1) if self.open else (FIRST + self.last - 1, 4)
                self.lines.append(f'#EXT-X-RENDITION-REPORT:URI="{other.name}.m3u8",LAST-MSN={msn},LAST-PART={part}')

    def __str__(self):
        return "\n".join(self.lines) + "\n"
