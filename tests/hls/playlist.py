"""Reads playlists of RFC 8216 and rfc8216bis into plain objects. Says what it could not read; judges nothing else."""

import datetime
import re

ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s][^,]*)(?:,|$)')


def attributes(text, problems):
    """The attribute list as a dict; quoted strings lose their quotes."""
    found, at = {}, 0
    while at < len(text):
        match = ATTRIBUTE.match(text, at)
        if not match:
            problems.append(f"attribute list is broken at {text[at:at + 40]!r}")
            break
        if match[1] in found:
            problems.append(f"attribute {match[1]} stands twice in {text[:80]!r}")
        found[match[1]] = match[2].strip('"')
        at = match.end()
    return found


def date(text):
    """Seconds since 1970 of an ISO 8601 time with a zone; None if it is none."""
    try:
        when = datetime.datetime.fromisoformat(re.sub(r"Z$", "+00:00", text.strip()))
    except ValueError:
        return None
    return when.timestamp() if when.tzinfo else None


def number(text, kind, problems, what):
    try:
        return kind(text)
    except (TypeError, ValueError):
        problems.append(f"{what} is {text!r}, no number")
        return None


class Part:
    def __init__(self, attrs, problems):
        self.uri = attrs.get("URI", "")
        if not self.uri:
            problems.append("EXT-X-PART without URI")
        self.duration = number(attrs.get("DURATION"), float, problems, "DURATION of a part") or 0.0
        self.independent = attrs.get("INDEPENDENT") == "YES"
        self.gap = attrs.get("GAP") == "YES"


class Segment:
    """What stands before a URI line. uri is None for the one that is not whole yet."""

    def __init__(self):
        self.uri = self.duration = self.pdt = self.msn = None
        self.discontinuity = self.gap = False
        self.discontinuities = 0  # discontinuity sequence number of this segment
        self.map = self.key = None
        self.parts = []


ONCE = ("EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-PLAYLIST-TYPE",
        "EXT-X-ENDLIST", "EXT-X-SERVER-CONTROL", "EXT-X-PART-INF", "EXT-X-SKIP")


class Media:
    """A media playlist. segments: those with a URI; open: parts of one that is not whole yet."""

    def __init__(self, text):
        self.text, self.problems, self.tags = text, [], set()
        self.version, self.target, self.first, self.discontinuity_sequence = 1, None, 0, 0
        self.type, self.ended, self.independent, self.skipped = None, False, False, 0
        self.control, self.part_target, self.hints, self.reports = {}, None, [], []
        self.segments, self.open = [], None
        self._read(text)

    def _read(self, text):
        lines = text.split("\n")
        if lines[0].strip() != "#EXTM3U":
            self.problems.append("the first line is not #EXTM3U")
        current, keys, the_map = Segment(), None, None
        for line in (one.rstrip("\r") for one in lines):
            if line.startswith("#EXT"):
                tag, _, value = line[1:].partition(":")
                if tag in self.tags and tag in ONCE:
                    self.problems.append(f"{tag} stands twice")
                self.tags.add(tag)
                if tag == "EXT-X-KEY":
                    keys = attributes(value, self.problems)
                    keys = None if keys.get("METHOD") == "NONE" else keys
                elif tag == "EXT-X-MAP":
                    the_map = {**attributes(value, self.problems), "key": keys}
                else:
                    self._tag(tag, value, current)
            elif line and not line.startswith("#"):
                current.uri, current.map, current.key = line, the_map, keys
                if current.duration is None:
                    self.problems.append(f"no EXTINF before {line}")
                    current.duration = 0.0
                self.segments.append(current)
                current = Segment()
        if current.parts:
            current.map, current.key = the_map, keys
            self.open = current
        if self.target is None:
            self.problems.append("no EXT-X-TARGETDURATION")
            self.target = 0
        count = self.discontinuity_sequence
        for i, one in enumerate(self.all()):
            count += one.discontinuity
            one.msn, one.discontinuities = self.first + self.skipped + i, count

    def _tag(self, tag, value, current):
        p = self.problems
        if tag == "EXTINF":
            current.duration = number(value.split(",")[0], float, p, "EXTINF")
        elif tag == "EXT-X-DISCONTINUITY":
            current.discontinuity = True
        elif tag == "EXT-X-GAP":
            current.gap = True
        elif tag == "EXT-X-PROGRAM-DATE-TIME":
            current.pdt = date(value)
            if current.pdt is None:
                p.append(f"EXT-X-PROGRAM-DATE-TIME {value!r} is no time with a zone")
        elif tag == "EXT-X-PART":
            current.parts.append(Part(attributes(value, p), p))
        elif tag == "EXT-X-TARGETDURATION":
            self.target = number(value, int, p, tag)
        elif tag == "EXT-X-VERSION":
            self.version = number(value, int, p, tag)
        elif tag == "EXT-X-MEDIA-SEQUENCE":
            self.first = number(value, int, p, tag) or 0
        elif tag == "EXT-X-DISCONTINUITY-SEQUENCE":
            self.discontinuity_sequence = number(value, int, p, tag) or 0
        elif tag == "EXT-X-PLAYLIST-TYPE":
            self.type = value
        elif tag == "EXT-X-ENDLIST":
            self.ended = True
        elif tag == "EXT-X-INDEPENDENT-SEGMENTS":
            self.independent = True
        elif tag == "EXT-X-SERVER-CONTROL":
            self.control = attributes(value, p)
        elif tag == "EXT-X-PART-INF":
            self.part_target = number(attributes(value, p).get("PART-TARGET"), float, p, "PART-TARGET")
        elif tag == "EXT-X-SKIP":
            self.skipped = number(attributes(value, p).get("SKIPPED-SEGMENTS"), int, p, "SKIPPED-SEGMENTS") or 0
        elif tag == "EXT-X-PRELOAD-HINT":
            self.hints.append(attributes(value, p))
        elif tag == "EXT-X-RENDITION-REPORT":
            self.reports.append(attributes(value, p))

    def all(self):
        return self.segments + ([self.open] if self.open else [])

    def next(self):
        """(media sequence number, part) that a player asks for next."""
        whole = self.first + self.skipped + len(self.segments)
        return whole, len(self.open.parts) if self.open else 0

    def last(self):
        """(LAST-MSN, LAST-PART) as a rendition report says them."""
        msn, part = self.next()
        return (msn, part - 1) if part else (msn - 1, len(self.segments[-1].parts) - 1 if self.segments else -1)

    def duration(self):
        return sum(one.duration or 0 for one in self.segments)

    def find(self, msn):
        at = msn - self.first - self.skipped
        return self.all()[at] if 0 <= at < len(self.all()) else None


class Multivariant:
    """variants: (attributes of EXT-X-STREAM-INF, URI); renditions: attributes of EXT-X-MEDIA."""

    def __init__(self, text):
        self.text, self.problems, self.version = text, [], 1
        self.variants, self.renditions = [], []
        waiting = None
        if not text.startswith("#EXTM3U"):
            self.problems.append("the first line is not #EXTM3U")
        for line in (one.strip() for one in text.split("\n")):
            if line.startswith("#EXT-X-STREAM-INF:"):
                waiting = attributes(line.partition(":")[2], self.problems)
            elif line.startswith("#EXT-X-MEDIA:"):
                self.renditions.append(attributes(line.partition(":")[2], self.problems))
            elif line.startswith("#EXT-X-VERSION:"):
                self.version = number(line.partition(":")[2], int, self.problems, "EXT-X-VERSION")
            elif line.startswith(("#EXTINF", "#EXT-X-TARGETDURATION", "#EXT-X-MEDIA-SEQUENCE")):
                self.problems.append(f"{line.split(':')[0][1:]} in a multivariant playlist")
            elif line and not line.startswith("#") and waiting is not None:
                self.variants.append((waiting, line))
                waiting = None


def is_multivariant(text):
    return "#EXT-X-STREAM-INF" in text
