"""Parts of segments: how long they are, what is in them, when they are listed."""

from rules import rule
from rules_media import SLACK
from rules_playlist import EPSILON, revisions

SHORT = 0.85
LISTED_TARGETS = 3


def with_parts(view):
    for where, listing, media in revisions(view):
        if any(one.parts for one in media.all()):
            yield where, listing, media


@rule("PART-INF", "rfc8216bis 4.4.3.7", "A playlist with EXT-X-PART has EXT-X-PART-INF, and all revisions the same.")
def part_inf(view):
    for where, _, media in with_parts(view):
        if not media.part_target:
            yield where, "EXT-X-PART-INF, came none"
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            if old.part_target and new.part_target and old.part_target != new.part_target:
                yield listing.name, f"PART-TARGET {old.part_target}, came {new.part_target}"


def listed_parts(view):
    """(Piece, playlist.Segment, index, PART-TARGET) of each part."""
    for listing in view.listings:
        for (_, index), (piece, segment) in listing.parts.items():
            if listing.last.part_target:
                yield piece, segment, index, listing.last.part_target


@rule("PART-LONG", "rfc8216bis 4.4.4.9", "No part is longer than PART-TARGET.")
def part_long(view):
    for piece, _, _, target in listed_parts(view):
        if piece.listed.duration > target + EPSILON:
            yield piece.where, f"at most {target} s, came {piece.listed.duration}"


@rule("PART-SHORT", "rfc8216bis 4.4.3.7", "Each part but the last of its segment lasts 85 % of PART-TARGET or more.")
def part_short(view):
    for listing in view.listings:
        for (msn, index), (piece, _) in listing.parts.items():
            target = listing.last.part_target
            if target and (msn, index + 1) in listing.parts and piece.listed.duration < SHORT * target - EPSILON:
                yield piece.where, f"at least {SHORT * target:.3f} s, came {piece.listed.duration}"


def whole_segments(view):
    """(Listing, Piece of a segment, Pieces of its parts) where all its parts are known."""
    for listing in view.listings:
        for msn, piece in listing.pieces.items():
            parts = listing.parts_of(msn)
            if parts and all_listed(listing, msn):
                yield listing, piece, parts


def all_listed(listing, msn):
    """Whether a revision lists the segment whole, with its parts: there are no more then."""
    return any((one := media.find(msn)) and one.uri and one.parts for _, media in listing.revisions)


@rule("PARTS-SUM", "rfc8216bis 4.4.4.9", "The durations of a segment's parts add up to its EXTINF, within one frame.")
def parts_sum(view):
    for _, piece, parts in whole_segments(view):
        total = sum(part.listed.duration for part in parts)
        track = piece.facts.main() if piece.facts else None
        if abs(total - piece.listed.duration) > (track.frame if track else 0.04) + SLACK:
            yield piece.where, f"parts of {piece.listed.duration} s, came {total:.3f}"


@rule("PART-TRUE", "rfc8216bis 4.4.4.9", "DURATION of a part is that of what is in it, within one frame.")
def part_true(view):
    for piece, _, _, _ in listed_parts(view):
        track = piece.facts.main() if piece.facts and not piece.facts.unreadable else None
        if track and abs(track.duration - piece.listed.duration) > track.frame + SLACK:
            yield piece.where, f"{track.duration:.3f} s of {track.kind} are in it, DURATION says {piece.listed.duration}"


@rule("PART-INDEPENDENT", "rfc8216bis 4.4.4.9", "A part with INDEPENDENT=YES begins with an IDR picture.")
def part_independent(view):
    for piece, _, _, _ in listed_parts(view):
        video = piece.facts.video if piece.facts else None
        if video and piece.listed.independent and not video.sync:
            yield piece.where, "an IDR picture first, came another"


@rule("PART-INDEPENDENT-SAID", "rfc8216bis 4.4.4.9", "The first part of a segment says INDEPENDENT=YES where segments are independent.", must=False)
def part_independent_said(view):
    for listing in view.listings:
        for (_, index), (piece, _) in listing.parts.items():
            if index == 0 and listing.last.independent and not piece.listed.independent:
                yield piece.where, "INDEPENDENT=YES, came none"


@rule("PARTS-MAKE-SEGMENT", "rfc8216bis 3, 4.4.4.9", "A segment is its parts one after another, byte for byte.")
def parts_make_segment(view):
    for _, piece, parts in whole_segments(view):
        if piece.clear is not None and all(part.clear is not None for part in parts):
            joined = b"".join(part.clear for part in parts)
            if joined != piece.clear:
                yield piece.where, f"{len(joined)} bytes of {len(parts)} parts, came {len(piece.clear)} others"


@rule("PART-STAYS", "rfc8216bis 6.2.1", "The URI, duration and INDEPENDENT of a listed part stay.")
def part_stays(view):
    for listing in view.listings:
        known = {}
        for _, media in listing.revisions:
            for one in media.all():
                for i, part in enumerate(one.parts):
                    now = (part.uri, part.duration, part.independent)
                    was = known.setdefault((one.msn, i), now)
                    if was != now:
                        yield f"{listing.name} {one.msn}.{i}", f"{was}, came {now}"


@rule("PARTS-LEAVE", "rfc8216bis 4.4.4.9", "Parts further than three target durations from the end are not listed.", must=False)
def parts_leave(view):
    for where, _, media in with_parts(view):
        left = media.duration() + sum(part.duration for part in (media.open.parts if media.open else []))
        for one in media.segments:
            left -= one.duration
            if one.parts and left >= LISTED_TARGETS * media.target + EPSILON:
                yield f"{where}, segment {one.msn}", f"no parts {left:.3f} s from the end, came {len(one.parts)}"
