"""What HTTP answers must be like: status, whole bodies, types, cache and CORS headers, HEAD, Range, gzip."""

import re

from rules import rule
from view import name_of

APPLE = "HLS Authoring Specification"
FILES = ("segment", "part", "hint", "init", "key")
PLAYLIST_TYPES = ("application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl")
MEDIA_TYPES = {"ts": ("video/mp2t",), "fmp4": ("video/mp4", "audio/mp4", "video/iso.segment")}


def what(exchange):
    return f"{exchange.kind} {name_of(exchange.url)}"


def content_type(exchange):
    return exchange.headers.get("content-type", "").split(";")[0].strip().lower()


def lifetime(exchange):
    """Seconds that a cache may keep it; None if nothing is said."""
    said = exchange.headers.get("cache-control", "").lower()
    if "no-cache" in said or "no-store" in said:
        return 0
    match = re.search(r"max-age=(\d+)", said)
    return int(match[1]) if match else None


@rule("ANSWERS", "RFC 8216 6.2.1", "Each request is answered.")
def answers(view):
    for e in view.recording.exchanges:
        if e.status == 0:
            yield what(e), f"an answer, came {e.about.get('error', 'none')}"


@rule("AVAILABLE", "RFC 8216 6.2.1", "What a playlist names can be fetched at once.")
def available(view):
    for e in view.recording.of("segment", "part", "init", "key"):
        if e.status not in (0, 200):
            yield what(e), f"status 200, came {e.status}"


@rule("PLAYLIST-STAYS", "RFC 8216 6.2.1", "A playlist that was there once can be fetched again.")
def playlist_stays(view):
    for listing in view.lists.values():
        seen = False
        for e in listing.answers:
            seen = seen or e.status == 200
            if seen and "msn" not in e.about and e.status not in (0, 200):
                yield what(e), f"status 200, came {e.status}"


@rule("WHOLE", "RFC 8216 6.2.1", "A body is as long as Content-Length says, and can be unpacked.")
def whole(view):
    for e in view.recording.exchanges:
        if e.status == 200 and "error" in e.about:
            yield what(e), f"all of it, but {e.about['error']}"


@rule("REMOVED-STAYS", "RFC 8216 6.2.2", "A removed segment can be fetched for its duration plus that of the longest playlist that had it.")
def removed_stays(view):
    for listing in view.listings:
        last = {}
        for e, media in listing.revisions:
            for one in media.segments:
                last[one.msn] = (e.sent, one.duration, max(media.duration(), last.get(one.msn, (0, 0, 0))[2]))
        for e in listing.exchanges:
            if not e.kind.startswith("again") or e.about["msn"] not in last:
                continue
            seen, duration, long = last[e.about["msn"]]
            if e.done < seen + duration + long and e.status not in (0, 200):
                yield f"{listing.name} {e.about['msn']}", \
                    f"status 200 until {duration + long:.3f} s after it was listed, came {e.status} after {e.sent - seen:.3f} s"


@rule("SAME-BYTES", "RFC 8216 6.2.1", "What a URI of a segment, part or init section brings never changes.")
def same_bytes(view):
    for e in view.recording.exchanges:
        first = view.content.get(e.url)
        if first and e is not first and e.status == 200 and (e.kind.startswith("again") or e.kind in FILES or
                                                             e.about.get("probe") == "whole") and "error" not in e.about:
            if e.body != first.body:
                yield what(e), f"the same {len(first.body)} bytes as before, came {len(e.body)} others"


@rule("PLAYLIST-TYPE-HEADER", "RFC 8216 4", "Playlists have the Content-Type application/vnd.apple.mpegurl or audio/mpegurl.")
def playlist_header(view):
    for e in view.recording.of("multivariant", "playlist", "delta"):
        if e.status == 200 and content_type(e) not in PLAYLIST_TYPES:
            yield f"playlist {name_of(e.url)}", f"{PLAYLIST_TYPES[0]}, came {content_type(e) or 'none'}"


@rule("MEDIA-TYPE-HEADER", APPLE, "Segments, parts and init sections have the Content-Type of their container.")
def media_header(view):
    for listing in view.listings:
        for piece in [*listing.pieces.values(), *(part for part, _ in listing.parts.values())]:
            if not piece.facts:
                continue
            wanted = MEDIA_TYPES[piece.facts.container]
            inits = [view.content[piece.init_url]] if piece.init_url in view.content else []
            for e in [piece.exchange, *inits]:
                if content_type(e) not in wanted:
                    yield what(e), f"{wanted[0]}, came {content_type(e) or 'none'}"


@rule("CORS", APPLE, "Answers allow other origins, or players in browsers cannot read them.")
def cors(view):
    for e in view.recording.exchanges:
        if e.status == 200 and e.headers.get("access-control-allow-origin") is None:
            yield what(e), "Access-Control-Allow-Origin, came none"


@rule("PLAYLIST-CACHE", "rfc8216bis 6.2.5.2", "Caches keep live playlists for less than a target duration; those asked for by number at most six.")
def playlist_cache(view):
    for listing in view.listings:
        for e, media in listing.revisions:
            limit = media.target * (6 if "msn" in e.about else 1)
            kept = lifetime(e)
            if not media.ended and kept is not None and kept > limit:
                yield f"playlist {listing.name}", f"at most {limit} s in caches, came {kept}"


@rule("SEGMENT-CACHE", APPLE, "Caches may keep segments and parts for as long as the playlist lists them.", must=False)
def segment_cache(view):
    for listing in view.listings:
        for e in listing.of("segment", "part", "hint", "init"):
            kept = lifetime(e)
            if e.status == 200 and kept is not None and kept < listing.last.duration():
                yield what(e), f"{listing.last.duration():.0f} s or more in caches, came {kept}"


def whole_of(view, probe):
    return next((e for e in view.recording.of("probe") if e.about["probe"] == "whole" and e.url == probe.url and e.status == 200), None)


def probes(view, *names):
    return [e for e in view.recording.of("probe") if e.about["probe"] in names and e.status != 0]


@rule("HEAD", "RFC 9110 9.3.2", "HEAD is answered like GET, without the body.")
def head(view):
    for e in probes(view, "head", "head-playlist"):
        get = whole_of(view, e)
        if e.status != 200:
            yield what(e), f"status 200, came {e.status}"
        elif e.body:
            yield what(e), f"no body, came {len(e.body)} bytes"
        elif get:
            for name in ("content-length", "content-type", "etag"):
                if name in get.headers and e.headers.get(name) != get.headers[name]:
                    yield what(e), f"{name} {get.headers[name]} as of GET, came {e.headers.get(name)}"


@rule("RANGE", "RFC 8216 4.3.2.2, RFC 9110 14", "A range of bytes of a segment is those bytes; one outside has status 416.")
def ranges(view):
    for e in probes(view, "range"):
        get, first, last = whole_of(view, e), e.about["first"], e.about["last"]
        if not get:
            continue
        if e.status != 206:
            yield f"{what(e)} {first}-{last}", f"status 206, came {e.status}"
        elif e.body != get.body[first:last + 1] or e.headers.get("content-range") != f"bytes {first}-{last}/{len(get.body)}":
            yield f"{what(e)} {first}-{last}", f"these bytes, came {len(e.body)}: {e.headers.get('content-range')}"
    for e in probes(view, "range-outside"):
        if e.status != 416:
            yield f"{what(e)} outside", f"status 416, came {e.status}"


@rule("ETAG", "RFC 9110 13.1.2", "A request with If-None-Match of the ETag that came before is answered 304.")
def etag(view):
    for e in probes(view, "etag"):
        if e.status != 304:
            yield what(e), f"status 304, came {e.status}"


@rule("GZIP", "rfc8216bis B.1", "Playlists with parts come as gzip when that is asked for.")
def gzip(view):
    yield from without_gzip(view, True)


@rule("GZIP-PLAIN", APPLE, "Playlists without parts come as gzip when that is asked for.", must=False)
def gzip_plain(view):
    yield from without_gzip(view, False)


def without_gzip(view, low_latency):
    parts = {listing.url: bool(listing.last.part_target) for listing in view.listings}
    for e in probes(view, "gzip"):
        if e.status == 200 and parts.get(e.list, False) == low_latency and e.headers.get("content-encoding") != "gzip":
            yield what(e), f"Content-Encoding gzip, came {e.headers.get('content-encoding', 'none')}"


@rule("NOT-FOUND", "rfc8216bis 6.2.2", "A segment or part that cannot come has status 404.")
def not_found(view):
    for e in probes(view, "segment-that-cannot-come", "part-that-cannot-come"):
        if e.status != 404:
            yield what(e), f"status 404, came {e.status}"
