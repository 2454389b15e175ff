"""Low-Latency HLS between requests: SERVER-CONTROL, hints, blocking reload, rendition reports, delta updates."""

import statistics
import urllib.parse

from rules import rule
from rules_playlist import EPSILON, is_live, revisions
from view import Media, name_of

SAMPLES = 5      # fewer say nothing about times
LATE = 0.75      # of a part: the median may be so late
PROFILE = "rfc8216bis B.1"


def seconds(control, name):
    try:
        return float(control[name])
    except (KeyError, ValueError):
        return None


@rule("SERVER-CONTROL", "rfc8216bis 4.4.3.8", "A playlist with parts has EXT-X-SERVER-CONTROL with PART-HOLD-BACK.")
def server_control(view):
    for where, _, media in revisions(view):
        if media.part_target and seconds(media.control, "PART-HOLD-BACK") is None:
            yield where, f"PART-HOLD-BACK, came {media.control or 'no EXT-X-SERVER-CONTROL'}"


def hold_backs(view, name, times, unit, least=0):
    for where, _, media in revisions(view):
        held, base = seconds(media.control, name), unit(media)
        if held is not None and base and least * base - EPSILON <= held < times * base - EPSILON:
            yield where, f"at least {times} x {base}, came {held}"


@rule("PART-HOLD-BACK", "rfc8216bis 4.4.3.8", "PART-HOLD-BACK is at least twice PART-TARGET.")
def part_hold_back(view):
    yield from hold_backs(view, "PART-HOLD-BACK", 2, lambda media: media.part_target)


@rule("PART-HOLD-BACK-THREE", "rfc8216bis 4.4.3.8", "PART-HOLD-BACK is at least three times PART-TARGET.", must=False)
def part_hold_back_three(view):
    yield from hold_backs(view, "PART-HOLD-BACK", 3, lambda media: media.part_target, 2)


@rule("HOLD-BACK", "rfc8216bis 4.4.3.8", "HOLD-BACK is at least three target durations.")
def hold_back(view):
    yield from hold_backs(view, "HOLD-BACK", 3, lambda media: media.target)


@rule("CAN-SKIP-UNTIL", "rfc8216bis 4.4.3.8", "CAN-SKIP-UNTIL is at least six target durations.")
def can_skip_until(view):
    yield from hold_backs(view, "CAN-SKIP-UNTIL", 6, lambda media: media.target)


@rule("BLOCK-RELOAD", PROFILE, "A live playlist with parts says CAN-BLOCK-RELOAD=YES.", must=False)
def block_reload(view):
    for where, _, media in revisions(view):
        if media.part_target and is_live(media) and media.control.get("CAN-BLOCK-RELOAD") != "YES":
            yield where, f"CAN-BLOCK-RELOAD=YES, came {media.control}"


@rule("HINT-THERE", PROFILE, "A live playlist with parts has an EXT-X-PRELOAD-HINT of the next one.", must=False)
def hint_there(view):
    for where, _, media in revisions(view):
        if media.part_target and is_live(media) and not any(hint.get("TYPE") == "PART" for hint in media.hints):
            yield where, "EXT-X-PRELOAD-HINT:TYPE=PART, came none"


def successor(listing, msn, part):
    """The part that came where (msn, part) was next, or None."""
    found = listing.parts.get((msn, part))
    if not found and part == len(listing.parts_of(msn)) and msn in listing.pieces:
        found = listing.parts.get((msn + 1, 0))
    return found[0] if found else None


@rule("HINT-BECOMES-PART", "rfc8216bis 4.4.5.3, 6.2.6", "The URI of EXT-X-PRELOAD-HINT is that of the part that comes next.")
def hint_becomes(view):
    for listing in view.listings:
        for exchange, media in listing.revisions:
            for hint in media.hints:
                piece = successor(listing, *media.next()) if hint.get("TYPE") == "PART" else None
                url = urllib.parse.urljoin(exchange.url, hint.get("URI", ""))
                # The part after a discontinuity may be another than the one that was hinted (6.2.6).
                if piece and piece.url != url and not listing.parts[piece.msn, piece.part][1].discontinuity:
                    yield piece.where, f"{hint.get('URI')} as was hinted, came {piece.listed.uri}"


def hinted(listing):
    """(Exchange, Piece) of requests for parts ahead of time that became parts."""
    pieces = {piece.url: piece for piece, _ in listing.parts.values()}
    return [(e, pieces[e.url]) for e in listing.of("hint") if e.url in pieces]


@rule("HINT-ANSWER", "rfc8216bis 6.2.6", "The request for a hinted part is answered with it.")
def hint_answer(view):
    for listing in view.listings:
        for e, piece in hinted(listing):
            if e.status not in (0, 200):
                yield piece.where, f"status 200, came {e.status}"


@rule("HINT-WHOLE", "rfc8216bis 6.2.6", "No byte of a hinted part is sent before it is whole; then all come at once.")
def hint_whole(view):
    for listing in view.listings:
        took = [e.done - e.head for e, _ in hinted(listing) if e.status == 200]
        if len(took) >= SAMPLES and listing.last.part_target and statistics.median(took) > LATE * listing.last.part_target:
            yield listing.name, f"all bytes at once, came over {statistics.median(took):.3f} s (median of {len(took)})"


@rule("BLOCKING-STATUS", "rfc8216bis 6.2.5.2", "A blocked request ends with status 200, or 503 if nothing came in three target durations.")
def blocking_status(view):
    for listing in view.listings:
        for e in listing.answers:
            patient = e.status == 503 and e.done - e.sent > 2.5 * listing.last.target
            if "msn" in e.about and e.status not in (0, 200) and not patient:
                yield f"{listing.name} {e.about['msn']}.{e.about.get('part', '')}", f"status 200, came {e.status} after {e.done - e.sent:.3f} s"


def carries(media, msn, part):
    if media.ended:
        return True
    return media.next() > (msn, part) if part is not None else media.next() >= (msn + 1, 0)


@rule("BLOCKING-CARRIES", "rfc8216bis 6.2.5.2", "The answer to _HLS_msn and _HLS_part has the segment and part that was asked for.")
def blocking_carries(view):
    for listing in view.listings:
        for e in listing.of("playlist", "delta") + listing.probes("whole-segment", "long-there"):
            if e.status == 200 and "msn" in e.about and not carries(Media(e.text()), e.about["msn"], e.about.get("part")):
                came = Media(e.text()).next()
                yield f"{listing.name} {e.about['msn']}.{e.about.get('part', '')}", f"what was asked for, came a playlist whose next is {came}"


@rule("BLOCKING-PAST-THE-END", "rfc8216bis 6.2.5.2", "A part past the end of its segment is part 0 of the next one.")
def past_the_end(view):
    for listing in view.listings:
        for e in listing.probes("past-the-end"):
            if e.status not in (0, 200):
                yield listing.name, f"status 200, came {e.status}"
            elif e.status == 200 and not carries(Media(e.text()), e.about["msn"] + 1, 0):
                yield listing.name, f"part 0 of {e.about['msn'] + 1}, came a playlist whose next is {Media(e.text()).next()}"


@rule("BLOCKING-PROMPT", "rfc8216bis 6.2.5.2", "A blocked reload is answered as soon as its part is there: when the request for the hinted part is.")
def blocking_prompt(view):
    for listing in view.listings:
        parts = {(piece.msn, piece.part): e for e, piece in hinted(listing) if e.status == 200}
        late = []
        for e, media in listing.revisions:
            asked = (e.about.get("msn"), e.about.get("part"))
            if asked in parts and media.part_target:
                late.append(e.done - parts[asked].done)
        if len(late) >= SAMPLES and abs(statistics.median(late)) > LATE * listing.last.part_target:
            yield listing.name, f"both answers at once, came {statistics.median(late):+.3f} s apart (median of {len(late)})"


@rule("BAD-DIRECTIVES", "rfc8216bis 6.2.5.2", "_HLS_part without _HLS_msn, and a number that is none, have status 400.")
def bad_directives(view):
    for listing in view.listings:
        for e in listing.probes("part-without-msn", "no-number"):
            if e.status not in (0, 400):
                yield f"{listing.name} {e.about['probe']}", f"status 400, came {e.status}"


@rule("FAR-FUTURE", "rfc8216bis 6.2.5.2", "_HLS_msn more than two segments ahead has status 400.")
def far_future(view):
    for listing in view.listings:
        for e in listing.probes("far-future"):
            if e.status not in (0, 400):
                yield f"{listing.name} {urllib.parse.urlsplit(e.url).query}", f"status 400, came {e.status}"


def low_latency(view):
    return [listing for listing in view.listings if listing.last.part_target]


@rule("REPORT-THERE", PROFILE, "Each playlist with parts has an EXT-X-RENDITION-REPORT of each other one.")
def report_there(view):
    live = low_latency(view)
    for listing in live:
        for exchange, media in listing.revisions:
            said = {urllib.parse.urljoin(exchange.url, one.get("URI", "")) for one in media.reports}
            for other in live:
                if is_live(media) and other is not listing and other.base not in said and other.url not in said \
                        and other.revisions[0][0].done < exchange.sent:
                    yield f"{listing.name} of {other.name}", "a report, came none"


@rule("REPORT-URI", "rfc8216bis 4.4.5.4", "The URI of a report is relative, and is that of another playlist of the presentation.")
def report_uri(view):
    for listing in low_latency(view):
        for exchange, media in listing.revisions:
            for one in media.reports:
                url = urllib.parse.urljoin(exchange.url, one.get("URI", ""))
                known = any(url in (other.url, other.base) for other in view.lists.values() if other is not listing)
                if urllib.parse.urlsplit(one.get("URI", "")).scheme or not known:
                    yield listing.name, f"a relative URI of another playlist, came {one.get('URI')}"


def reports(view):
    """(where, Exchange, (LAST-MSN, LAST-PART), Listing that it is of)."""
    for listing in low_latency(view):
        for exchange, media in listing.revisions:
            for one in media.reports:
                other = view.find(exchange.url, one.get("URI", ""))
                try:
                    msn, part = media.last()
                    said = int(one.get("LAST-MSN", msn)), int(one.get("LAST-PART", part))
                except ValueError:
                    continue
                if other and other is not listing:
                    yield f"{listing.name} of {other.name}", exchange, said, other


@rule("REPORT-FRESH", "rfc8216bis 4.4.5.4", "A report is not behind what the playlist itself said before the report was asked for.")
def report_fresh(view):
    for where, exchange, said, other in reports(view):
        known = [media.last() for e, media in other.revisions if e.done <= exchange.sent]
        if known and said < known[-1]:
            yield where, f"{known[-1]} or later, came {said}"


@rule("REPORT-TRUE", "rfc8216bis 4.4.5.4", "A report is not ahead of the playlist itself.")
def report_true(view):
    for where, exchange, said, other in reports(view):
        known = next((media.last() for e, media in other.revisions if e.sent >= exchange.done), None)
        if known and said > known:
            yield where, f"{known} or earlier, came {said}"
