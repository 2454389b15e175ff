"""Playlist delta updates (EXT-X-SKIP)."""

import re

from rules import rule
from rules_playlist import EPSILON
from view import Media

REPORT = re.compile(r"^#EXT-X-RENDITION-REPORT.*\n?", re.MULTILINE)


def deltas(view):
    """(where, Exchange, Media) of answers to _HLS_skip=YES."""
    for listing in view.listings:
        for e in listing.of("delta"):
            if e.status == 200:
                media = Media(e.text())
                yield f"{listing.name} {media.next()}", listing, media


def state(media):
    """What tells revisions apart, whatever is left out of them."""
    newest = media.all()[-1] if media.all() else None
    return media.first, newest and newest.uri, newest and len(newest.parts), newest and [part.uri for part in newest.parts[-1:]]


@rule("DELTA-STATUS", "rfc8216bis 6.2.5.1", "_HLS_skip is answered with a playlist, a delta or a full one.")
def delta_status(view):
    for listing in view.listings:
        for e in listing.of("delta"):
            if e.status not in (0, 200, 503):
                yield listing.name, f"status 200, came {e.status}"


@rule("DELTA-EXPANDS", "rfc8216bis 6.2.5.1", "A delta update is the full playlist, with its oldest segments left out and nothing else.")
def delta_expands(view):
    for where, listing, media in deltas(view):
        full = next((one for _, one in listing.revisions if state(one) == state(media)), None)
        if not full or not media.skipped:
            continue
        # The skip boundary may lie anywhere between two segments; reports change on their own.
        text, whole = REPORT.sub("", media.text), REPORT.sub("", full.text)
        head, _, tail = text.partition("#EXT-X-SKIP")
        tail = tail.partition("\n")[2]
        inner = whole[len(head):len(whole) - len(tail)]
        skipped = sum(not line.startswith("#") for line in inner.split("\n") if line)
        if not whole.startswith(head) or not whole.endswith(tail):
            yield where, "the full playlist around EXT-X-SKIP, came another text"
        elif skipped != media.skipped:
            yield where, f"SKIPPED-SEGMENTS={skipped}, came {media.skipped}"


@rule("DELTA-OLD", "rfc8216bis 4.4.3.8", "Only segments further from the end than CAN-SKIP-UNTIL are left out.")
def delta_old(view):
    for where, _, media in deltas(view):
        try:
            boundary = float(media.control.get("CAN-SKIP-UNTIL", 0))
        except ValueError:
            continue
        left = media.duration() + sum(part.duration for part in (media.open.parts if media.open else []))
        if media.skipped and left < boundary - EPSILON:
            yield where, f"all of the last {boundary} s, came {left:.3f} s"


@rule("DELTA-SKIPS", "rfc8216bis 6.2.5.1", "A delta update leaves out what it may.", must=False)
def delta_skips(view):
    for where, listing, media in deltas(view):
        boundary = float(media.control.get("CAN-SKIP-UNTIL", 0) or 0)
        if boundary and not media.skipped and media.duration() > boundary + 2 * media.target:
            yield where, f"EXT-X-SKIP, came all {media.duration():.3f} s"


@rule("SKIP-UNASKED", "rfc8216bis 6.2.5.1", "EXT-X-SKIP comes only when it was asked for.")
def skip_unasked(view):
    for listing in view.listings:
        for i, (_, media) in enumerate(listing.unasked):
            yield f"{listing.name} answer {i + 1}", f"a full playlist, came one without {media.skipped} segments"
