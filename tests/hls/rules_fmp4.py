"""Segments and parts that are fragmented MP4."""

import facts
import fmp4
from rules import rule
from rules_media import everything


def fragmented(view):
    for listing, piece in everything(view):
        if piece.facts and piece.facts.container == "fmp4" and not piece.facts.unreadable:
            yield listing, piece


@rule("INIT-SECTION", "RFC 8216 3.3", "What EXT-X-MAP names is ftyp and moov with mvex, its tracks without samples.")
def init_section(view):
    urls = {(listing.name, piece.init_url, piece.init) for listing in view.listings
            for piece in listing.pieces.values() if piece.init is not None}
    for name, url, data in urls:
        where = f"{name} {url.rpartition('/')[2]}"
        try:
            tracks = facts.init(data)
            kinds = [kind for kind, _, _ in fmp4.boxes(data)]
        except ValueError as why:
            yield where, str(why)
            continue
        if b"ftyp" not in kinds or not tracks:
            yield where, f"ftyp and moov with tracks, came {kinds}"
        elif not fmp4.one(data, "moov/mvex"):
            yield where, "mvex, came none"


@rule("FRAGMENT-LAYOUT", "RFC 8216 3.3; ISO 14496-12 8.8", "Samples of a moof lie in the mdat after it.")
def layout(view):
    for _, piece in fragmented(view):
        for problem in piece.facts.layout:
            yield piece.where, problem


@rule("FRAGMENT-TRACKS", "RFC 8216 3.3", "Fragments are of tracks that the init section declares.")
def declared(view):
    for _, piece in fragmented(view):
        known = facts.init(piece.init)
        for fragment in piece.facts.fragments:
            if fragment.track_id not in known:
                yield piece.where, f"tracks {sorted(known)}, came {fragment.track_id}"


@rule("TFDT-CHAIN", "RFC 8216 3.3; ISO 14496-12 8.8.12", "A fragment's decode time is that of the one before plus its duration, exactly, for each track.")
def chain(view):
    for _, piece in fragmented(view):
        for jump in piece.facts.jumps:
            yield piece.where, jump
    for listing in view.listings:
        for before, piece in listing.neighbours():
            if piece.listed.discontinuity or piece.facts.container != "fmp4" or before.init != piece.init:
                continue
            for kind in ("video", "audio"):
                was, now = getattr(before.facts, kind), getattr(piece.facts, kind)
                if was and now and now.base != was.base + was.ticks:
                    yield f"{piece.where} {kind}", f"tfdt {was.base + was.ticks} after {before.msn}, came {now.base}"
