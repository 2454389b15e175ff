"""AES-128: keys, and whether what is listed decrypts with them."""

from rules import rule
from rules_media import everything
from view import name_of


def broken(view, name):
    for _, piece in everything(view):
        if piece.undecrypted and piece.undecrypted[0] == name:
            yield piece.where, piece.undecrypted[1]


@rule("KEY-SIZE", "RFC 8216 4.3.2.4", "A key of AES-128 is 16 bytes.")
def key_size(view):
    for e in view.recording.of("key"):
        if e.status == 200 and len(e.body) != 16:
            yield name_of(e.url), f"16 bytes, came {len(e.body)}"


@rule("KEY-DECRYPTS", "RFC 8216 4.3.2.4", "Each segment decrypts to media with the key and IV that are listed for it.")
def key_decrypts(view):
    yield from broken(view, "KEY-DECRYPTS")


@rule("KEY-PADDING", "RFC 8216 4.3.2.4", "An encrypted segment is whole blocks, and ends with PKCS7 padding.")
def key_padding(view):
    yield from broken(view, "KEY-PADDING")


@rule("KEY-IV", "RFC 8216 4.3.2.4, 4.3.2.5", "IV is a number of 128 bits; an encrypted EXT-X-MAP has one that is written out.")
def key_iv(view):
    yield from broken(view, "KEY-IV")
    for _, piece in everything(view):
        key = (getattr(piece.listed, "map", None) or {}).get("key")
        if key and key.get("METHOD") == "AES-128" and "IV" not in key:
            yield piece.where, "IV of the key of its EXT-X-MAP, came none"


@rule("KEY-TAG", "RFC 8216 4.3.2.4", "EXT-X-KEY has a METHOD that is known, and a URI unless that is NONE.")
def key_tag(view):
    for listing in view.listings:
        for piece in listing.pieces.values():
            key = piece.listed.key
            if key and key.get("METHOD") not in ("AES-128", "SAMPLE-AES", "SAMPLE-AES-CTR"):
                yield piece.where, f"a METHOD that is known, came {key.get('METHOD')}"
            elif key and not key.get("URI"):
                yield piece.where, "a URI, came none"


@rule("KEY-OPEN", "HLS Authoring Specification", "Keys are not for caches that others share.", must=False)
def key_open(view):
    for e in view.recording.of("key"):
        said = e.headers.get("cache-control", "")
        if e.status == 200 and "private" not in said and "no-store" not in said and "no-cache" not in said:
            yield name_of(e.url), f"Cache-Control private, came {said or 'none'}"
