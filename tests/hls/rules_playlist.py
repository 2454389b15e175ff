"""What each revision of a media playlist must be on its own."""

from rules import rule

EPSILON = 0.0005   # durations are written in milliseconds
DATE_TOLERANCE = 0.05
APPLE = "HLS Authoring Specification"


def revisions(view):
    """(where, Listing, Media) of each different revision."""
    for listing in view.listings:
        seen = set()
        for i, (_, media) in enumerate(listing.revisions):
            if media.text not in seen:
                seen.add(media.text)
                yield f"{listing.name} revision {i + 1}", listing, media


@rule("SYNTAX", "RFC 8216 4.1-4.3", "Every line and attribute list of a playlist can be read, and mandatory ones are there.")
def syntax(view):
    for i, (_, whole) in enumerate(view.multivariants):
        for problem in whole.problems:
            yield f"multivariant playlist, answer {i + 1}", problem
    for where, _, media in revisions(view):
        for problem in media.problems:
            yield where, problem


def needed_version(media):
    """(version, what for)."""
    needs = [(1, "nothing special")]
    lines = media.text.split("\n")
    if any(line.startswith("#EXTINF:") and "." in line.split(",")[0] for line in lines):
        needs.append((3, "EXTINF with a fraction"))
    if any(line.startswith("#EXT-X-KEY") and "IV=" in line for line in lines):
        needs.append((2, "IV of EXT-X-KEY"))
    if "EXT-X-BYTERANGE" in media.tags or "EXT-X-I-FRAMES-ONLY" in media.tags:
        needs.append((4, "EXT-X-BYTERANGE"))
    if any(line.startswith("#EXT-X-KEY") and "KEYFORMAT" in line for line in lines):
        needs.append((5, "KEYFORMAT of EXT-X-KEY"))
    if "EXT-X-MAP" in media.tags:
        needs.append((6, "EXT-X-MAP"))
    if "EXT-X-GAP" in media.tags:
        needs.append((8, "EXT-X-GAP"))
    if "EXT-X-SKIP" in media.tags:
        needs.append((9, "EXT-X-SKIP"))
    return max(needs)


@rule("VERSION", "rfc8216bis 8", "EXT-X-VERSION is high enough for the features that are used.")
def version(view):
    for where, _, media in revisions(view):
        number, why = needed_version(media)
        if (media.version or 1) < number:
            yield where, f"version >= {number} for {why}, came {media.version}"


@rule("TARGETDURATION-COVERS", "RFC 8216 4.3.3.1", "No EXTINF, rounded, is longer than EXT-X-TARGETDURATION.")
def target_covers(view):
    for where, _, media in revisions(view):
        for one in media.segments:
            if int(one.duration + 0.5) > media.target:
                yield f"{where}, segment {one.msn}", f"at most {media.target} s, came {one.duration}"


@rule("DATE-THERE", APPLE, "A live playlist has EXT-X-PROGRAM-DATE-TIME, with a time zone.", must=False)
def date_there(view):
    for where, _, media in revisions(view):
        if media.segments and not media.ended and all(one.pdt is None for one in media.all()):
            yield where, "no EXT-X-PROGRAM-DATE-TIME"


def frame_of(listing, msn):
    """Seconds; as exact as EXTINF is."""
    piece = listing.pieces.get(msn)
    track = piece.facts.main() if piece and piece.facts and not piece.facts.unreadable else None
    return track.frame if track else 0.0


@rule("DATE-FITS", "rfc8216bis 4.4.4.6", "EXT-X-PROGRAM-DATE-TIME of a segment is that of the one before it plus its duration, within one frame.")
def date_fits(view):
    for where, listing, media in revisions(view):
        known = media.all()
        for before, one in zip(known, known[1:]):
            if before.pdt is None or one.pdt is None or one.discontinuity or before.duration is None:
                continue
            off = one.pdt - before.pdt - before.duration
            if abs(off) > max(DATE_TOLERANCE, frame_of(listing, before.msn)):
                yield f"{where}, segment {one.msn}", f"{before.duration} s after the one before, came {one.pdt - before.pdt:.3f} s"


def is_live(media):
    return not media.ended and media.type is None


def grown(listing):
    """Revisions since segments began to be removed: before, a playlist is short because the stream is young."""
    first = listing.revisions[0][1].first
    return [(e, media) for e, media in listing.revisions if media.first > first and is_live(media)]


@rule("WINDOW", "RFC 8216 6.2.2", "A live playlist from which segments are removed lasts three target durations or more.")
def window(view):
    for listing in view.listings:
        for _, media in grown(listing):
            if media.duration() + sum(part.duration for part in (media.open.parts if media.open else [])) < 3 * media.target - EPSILON:
                yield listing.name, f"at least {3 * media.target} s, came {media.duration():.3f} s from segment {media.first} on"


@rule("SIX-SEGMENTS", APPLE, "A live playlist has six segments or more.", must=False)
def six_segments(view):
    for listing in view.listings:
        for _, media in grown(listing):
            if len(media.segments) < 6:
                yield listing.name, f"six segments, came {len(media.segments)} from {media.first} on"


@rule("MAP-THERE", "RFC 8216 3.3, 4.3.2.5", "Segments of fragmented MP4 have an EXT-X-MAP.")
def map_there(view):
    for listing in view.listings:
        for piece in listing.pieces.values():
            if not piece.listed.map and (piece.clear or b"")[4:8] in (b"styp", b"moof", b"sidx", b"emsg", b"prft"):
                yield piece.where, "EXT-X-MAP before it, came none"


@rule("INDEPENDENT-SEGMENTS", "RFC 8216 4.3.5.1", "Where EXT-X-INDEPENDENT-SEGMENTS stands, each segment begins with an IDR picture.")
def independent(view):
    for listing in view.listings:
        promised = {one.msn for _, media in listing.revisions if media.independent for one in media.segments}
        if any("#EXT-X-INDEPENDENT-SEGMENTS" in whole.text for _, whole in view.multivariants):
            promised |= set(listing.pieces)
        for piece in listing.in_order():
            if piece.msn in promised and piece.facts.video and not piece.facts.video.sync:
                yield piece.where, "an IDR picture first, came another"
