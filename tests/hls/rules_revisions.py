"""What may change from one revision of a media playlist to the next."""

from rules import rule
from rules_playlist import is_live

UPDATE_TARGETS = 1.5


def common(listing):
    """(where, older listing of a segment, newer one) for each pair of revisions and each segment in both."""
    for (_, old), (_, new) in listing.pairs():
        for one in new.segments:
            before = old.find(one.msn)
            if before and before.uri:
                yield f"{listing.name} {one.msn}", before, one


@rule("SEQUENCE-BACK", "RFC 8216 6.2.2", "EXT-X-MEDIA-SEQUENCE never becomes smaller.")
def sequence_back(view):
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            if new.first < old.first:
                yield f"{listing.name} {old.first}", f"{old.first} or more, came {new.first}"


@rule("SEQUENCE-COUNTS", "RFC 8216 6.2.2", "EXT-X-MEDIA-SEQUENCE grows by as many segments as were removed.")
def sequence_counts(view):
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            numbers = {one.uri: one.msn for one in old.segments}
            moved = [(one, numbers[one.uri]) for one in new.segments if numbers.get(one.uri, one.msn) != one.msn]
            if moved and new.first >= old.first:
                one, was = moved[0]
                yield f"{listing.name} {was}", f"{one.uri} stays number {was}, came as {one.msn}"


@rule("SEGMENT-URI", "RFC 8216 6.2.1", "The URI of a listed segment stays.")
def segment_uri(view):
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            was, now = {one.uri for one in old.segments}, {one.uri for one in new.segments}
            for one in new.segments:
                before = old.find(one.msn)
                # What is there under another number is a matter of SEQUENCE-COUNTS.
                if before and before.uri and before.uri != one.uri and before.uri not in now and one.uri not in was:
                    yield f"{listing.name} {one.msn}", f"{before.uri}, came {one.uri}"


@rule("SEGMENT-DURATION", "RFC 8216 6.2.1", "The duration of a listed segment stays.")
def segment_duration(view):
    for listing in view.listings:
        for where, before, one in common(listing):
            if before.uri == one.uri and before.duration != one.duration:
                yield where, f"EXTINF {before.duration}, came {one.duration}"


@rule("SEGMENT-DATE", "RFC 8216 6.2.1", "EXT-X-PROGRAM-DATE-TIME of a listed segment stays.")
def segment_date(view):
    for listing in view.listings:
        for where, before, one in common(listing):
            if before.uri == one.uri and None not in (before.pdt, one.pdt) and abs(before.pdt - one.pdt) > 0.0005:
                yield where, f"{before.pdt:.3f}, came {one.pdt:.3f}"


@rule("SEGMENT-TAGS", "RFC 8216 6.2.1", "EXT-X-MAP, EXT-X-KEY, EXT-X-GAP and EXT-X-DISCONTINUITY of a listed segment stay.")
def segment_tags(view):
    for listing in view.listings:
        for where, before, one in common(listing):
            if before.uri != one.uri:
                continue
            for tag, was, now in (("EXT-X-MAP", before.map, one.map), ("EXT-X-KEY", before.key, one.key),
                                  ("EXT-X-GAP", before.gap, one.gap), ("EXT-X-DISCONTINUITY", before.discontinuity, one.discontinuity)):
                if was != now:
                    yield where, f"{tag} {was}, came {now}"


@rule("END-BACK", "RFC 8216 6.2.1", "Segments and parts are added at the end and removed from the beginning, nowhere else.")
def end_back(view):
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            if new.next() < old.next() and new.first >= old.first:
                yield f"{listing.name} {old.next()}", f"the end stays or grows, came {new.next()}"


@rule("DISCONTINUITY-SEQUENCE", "RFC 8216 6.2.2", "EXT-X-DISCONTINUITY-SEQUENCE counts each EXT-X-DISCONTINUITY that was removed.")
def discontinuity_sequence(view):
    for listing in view.listings:
        for where, before, one in common(listing):
            if before.uri == one.uri and before.discontinuity == one.discontinuity and before.discontinuities != one.discontinuities:
                yield where, f"discontinuity sequence number {before.discontinuities}, came {one.discontinuities}"


@rule("TARGETDURATION-STAYS", "RFC 8216 4.3.3.1, 6.2.1", "EXT-X-TARGETDURATION never changes.")
def target_stays(view):
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            if old.target != new.target:
                yield listing.name, f"{old.target}, came {new.target}"


@rule("ENDLIST", "RFC 8216 6.2.1", "A playlist with EXT-X-ENDLIST never changes again.")
def ended(view):
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            if old.ended and old.text != new.text:
                yield listing.name, "no change after EXT-X-ENDLIST, came another revision"


@rule("PLAYLIST-TYPE", "RFC 8216 4.3.3.5", "From an EVENT playlist nothing is removed, a VOD playlist never changes, and the type stays.")
def playlist_type(view):
    for listing in view.listings:
        for (_, old), (_, new) in listing.pairs():
            if old.type != new.type:
                yield listing.name, f"type {old.type}, came {new.type}"
            elif old.type == "EVENT" and new.first > old.first:
                yield listing.name, f"all segments from {old.first} on, came {new.first}"
            elif old.type == "VOD" and old.text != new.text:
                yield listing.name, "no change, came another revision"


@rule("UPDATE", "RFC 8216 6.2.2", "A live playlist has something new within 1.5 target durations of the last change.")
def update(view):
    for listing in view.listings:
        changed, last = 0.0, None
        for exchange, media in listing.revisions:
            if not is_live(media):
                break
            if "msn" in exchange.about:
                waited = exchange.done - exchange.sent
            else:
                # From the answer that first had the newest to the last request that found no newer: at least so long.
                waited = exchange.sent - changed if media.next() == last else 0.0
            if waited > UPDATE_TARGETS * media.target:
                yield f"{listing.name} {media.next()}", f"within {UPDATE_TARGETS * media.target:g} s, came after {waited:.3f} s or more"
            if media.next() != last:
                changed, last = exchange.done, media.next()


@rule("BOUNDARY", "rfc8216bis 4.4.4.3", "Where the codec configuration changes there is an EXT-X-DISCONTINUITY.")
def boundary(view):
    for listing in view.listings:
        for before, piece in listing.neighbours():
            if piece.listed.discontinuity:
                continue
            for kind in ("video", "audio"):
                was, now = getattr(before.facts, kind), getattr(piece.facts, kind)
                if was and now and was.config and now.config and was.config != now.config:
                    yield piece.where, f"the {kind} configuration of {before.msn}, came another without EXT-X-DISCONTINUITY"
