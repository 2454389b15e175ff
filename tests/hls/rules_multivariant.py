"""The multivariant playlist, and what its members must have in common."""

import re

import facts
from rules import rule
from rules_media import SLACK
from ts import unwrapped

APPLE = "HLS Authoring Specification"
AVERAGE = 1.5   # AVERAGE-BANDWIDTH may be off by this factor: it was measured over another time


def listed_then(view, listing):
    """Pieces that the playlist had when the newest multivariant playlist was asked for."""
    asked = view.multivariants[-1][0].sent
    numbers = {one.msn for e, media in listing.revisions if e.done <= asked for one in media.segments}
    return [piece for piece in listing.in_order() if piece.msn in numbers]


def peak(pieces, target):
    """Highest bit rate of neighbours that last between half and one and a half target durations: RFC 8216 4.3.4.2."""
    highest = 0.0
    for i, first in enumerate(pieces):
        bits, length, last = 0, 0.0, first.msn - 1
        for piece in pieces[i:]:
            bits, length = bits + 8 * len(piece.body), length + piece.listed.duration
            if length > 1.5 * target or piece.msn != last + 1:
                break
            last = piece.msn
            if length >= 0.5 * target:
                highest = max(highest, bits / length)
    return highest


def rates(view):
    """(where, attributes, measured peak, measured average) of each variant with its loudest audio rendition."""
    for attrs, listing, group in view.variants():
        top = mean = 0.0
        for members in ([listing], [one for _, one in group if one is not listing]):
            measured = []
            for one in members:
                pieces = listed_then(view, one)
                length = sum(piece.listed.duration for piece in pieces)
                if length:
                    measured.append((peak(pieces, one.last.target), sum(8 * len(piece.body) for piece in pieces) / length))
            if measured:
                top, mean = top + max(one[0] for one in measured), mean + max(one[1] for one in measured)
        if top:
            yield f"variant {listing.name}", attrs, top, mean


def whole_number(attrs, name):
    return int(attrs[name]) if re.fullmatch(r"\d+", attrs.get(name, "")) else None


@rule("BANDWIDTH", "RFC 8216 4.3.4.2", "BANDWIDTH is there, and is the peak bit rate of segments or more.")
def bandwidth(view):
    for where, attrs, top, _ in rates(view):
        said = whole_number(attrs, "BANDWIDTH")
        if said is None or said < int(top):
            yield where, f"{top:.0f} or more, came {attrs.get('BANDWIDTH')}"


@rule("AVERAGE-BANDWIDTH", "RFC 8216 4.3.4.2", "AVERAGE-BANDWIDTH is about the average bit rate, and not more than BANDWIDTH.")
def average_bandwidth(view):
    for where, attrs, _, mean in rates(view):
        said, most = whole_number(attrs, "AVERAGE-BANDWIDTH"), whole_number(attrs, "BANDWIDTH")
        if said is not None and (not mean / AVERAGE <= said <= mean * AVERAGE or most is not None and said > most > mean):
            yield where, f"about {mean:.0f}, at most {most}, came {said}"


def present(listings):
    """(codec strings, size, frame rate) of what is in the segments of these playlists."""
    codecs, size, rate = set(), None, None
    for listing in listings:
        for piece in listing.in_order():
            if piece.init is not None:
                codecs |= {track.codec for track in facts.init(piece.init).values() if track.codec}
            codecs |= {track.codec for track in piece.facts.tracks() if track.codec and not piece.facts.fragments}
            video = piece.facts.video
            if video:
                size, rate = video.size or size, 1 / video.frame if video.frame else rate
    return codecs, size, rate


def same_codec(said, found):
    """Whether two RFC 6381 strings mean the same; one without details agrees with all of its kind."""
    said, found = said.lower(), found.lower()
    alike = {"opus": "opus", "hev1": "hvc1", "mp4a.6b": "mp4a.40.34"}
    said, found = alike.get(said, said), alike.get(found, found)
    return said == found or said.startswith(found + ".") or found.startswith(said + ".")


@rule("CODECS", "RFC 8216 4.3.4.2", "CODECS names each codec of the segments, with profile and level, and no other.")
def codecs(view):
    for attrs, listing, group in view.variants():
        found, _, _ = present([listing, *(one for _, one in group)])
        said = [one.strip() for one in attrs.get("CODECS", "").split(",") if one.strip()]
        missing = [one for one in found if not any(same_codec(other, one) for other in said)]
        extra = [one for one in said if not any(same_codec(one, other) for other in found)]
        if found and (missing or extra):
            yield f"variant {listing.name}", f"{','.join(sorted(found))}, came {attrs.get('CODECS')}"


@rule("RESOLUTION", "RFC 8216 4.3.4.2", "RESOLUTION is that of the video.")
def resolution(view):
    for attrs, listing, _ in view.variants():
        _, size, _ = present([listing])
        if size and attrs.get("RESOLUTION") != f"{size[0]}x{size[1]}":
            yield f"variant {listing.name}", f"{size[0]}x{size[1]}, came {attrs.get('RESOLUTION')}"


@rule("FRAME-RATE", "RFC 8216 4.3.4.2; " + APPLE, "FRAME-RATE is that of the video.")
def frame_rate(view):
    for attrs, listing, _ in view.variants():
        _, _, rate = present([listing])
        said = attrs.get("FRAME-RATE")
        if rate and said and not re.fullmatch(r"\d+(\.\d+)?", said) or said and rate and abs(float(said) - rate) > 0.03 * rate:
            yield f"variant {listing.name}", f"about {rate:.3f}, came {said}"


@rule("FRAME-RATE-THERE", APPLE, "A variant with video says its FRAME-RATE.", must=False)
def frame_rate_there(view):
    for attrs, listing, _ in view.variants():
        if present([listing])[1] and "FRAME-RATE" not in attrs:
            yield f"variant {listing.name}", "FRAME-RATE, came none"


@rule("GROUPS", "RFC 8216 4.3.4.2.1", "Groups that a variant names exist, and each EXT-X-MEDIA has TYPE, GROUP-ID and NAME.")
def groups(view):
    for _, whole in view.multivariants[-1:]:
        for one in whole.renditions:
            lacking = [name for name in ("TYPE", "GROUP-ID", "NAME") if not one.get(name)]
            if lacking:
                yield f"EXT-X-MEDIA {one.get('NAME')}", f"{', '.join(lacking)}, came none"
        for attrs, uri in whole.variants:
            for kind in ("AUDIO", "VIDEO", "SUBTITLES", "CLOSED-CAPTIONS"):
                known = {one.get("GROUP-ID") for one in whole.renditions if one.get("TYPE") == kind}
                if kind in attrs and attrs[kind] != "NONE" and attrs[kind] not in known:
                    yield f"variant {uri}", f"a group of {kind} among {sorted(known, key=str)}, came {attrs[kind]}"


@rule("MEMBERS", "RFC 8216 6.2.4", "The playlist of each variant and rendition can be fetched.")
def members(view):
    for exchange, whole in view.multivariants[-1:]:
        for uri in [uri for _, uri in whole.variants] + [one["URI"] for one in whole.renditions if one.get("URI")]:
            if not view.find(exchange.url, uri):
                yield uri, "a media playlist, came none"


def companions(view):
    """(where, Listing, Listing) of each playlist and the first one."""
    for other in view.listings[1:]:
        yield f"{other.url} beside {view.listings[0].url}", view.listings[0], other


@rule("LADDER-TARGETDURATION", "rfc8216bis 6.2.4", "All playlists of a presentation have the same EXT-X-TARGETDURATION.")
def ladder_target(view):
    for where, first, other in companions(view):
        if first.last.target != other.last.target:
            yield where, f"{first.last.target}, came {other.last.target}"


def offsets(first, other):
    """(number, seconds by which a segment begins later than its companion of the same number, tolerance)."""
    for piece in other.in_order():
        peer = first.pieces.get(piece.msn)
        if not peer or not peer.facts or peer.facts.unreadable or not peer.facts.main() or not piece.facts.main():
            continue
        a, b = peer.facts.main(), piece.facts.main()
        later = unwrapped(b.base, a.base) / 90000 if peer.facts.ts and piece.facts.ts else b.begin - a.begin
        yield piece.msn, later, a.frame + b.frame + SLACK, peer.listed.duration


@rule("LADDER-SEQUENCE", "rfc8216bis 6.2.4; " + APPLE, "Segments of the same time have the same number in all playlists.")
def ladder_sequence(view):
    for where, first, other in companions(view):
        for msn, later, _, length in offsets(first, other):
            if abs(later) > length / 2:
                yield f"{where}, segment {msn}", f"it begins at the same time, came {later:+.3f} s"


@rule("LADDER-ALIGNED", "RFC 8216 6.2.4; " + APPLE, "Segments of the same number begin at the same time in all playlists, within a frame.")
def ladder_aligned(view):
    for where, first, other in companions(view):
        for msn, later, tolerance, length in offsets(first, other):
            if tolerance < abs(later) <= length / 2:
                yield f"{where}, segment {msn}", f"it begins at the same time, came {later:+.3f} s"


@rule("LADDER-DISCONTINUITY", "RFC 8216 6.2.4", "Segments of the same number have the same discontinuity sequence number in all playlists.")
def ladder_discontinuity(view):
    for where, first, other in companions(view):
        for msn, piece in other.pieces.items():
            peer = first.pieces.get(msn)
            if peer and peer.listed.discontinuities != piece.listed.discontinuities:
                yield f"{where}, segment {msn}", f"{peer.listed.discontinuities}, came {piece.listed.discontinuities}"
