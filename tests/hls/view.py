"""A recording as the rules look at it: playlists with their revisions, segments with their bytes and what is in them."""

import functools
import os
import re
import urllib.parse

import facts
import playlist

Media = functools.lru_cache(8192)(playlist.Media)
Multivariant = functools.lru_cache(64)(playlist.Multivariant)


def name_of(url):
    """Short, for reports."""
    return os.path.basename(urllib.parse.urlsplit(url).path) or url


class Piece:
    """A segment, or a part of one (part: its index). body: as it came; clear: decrypted; None if it did not come.
    undecrypted: (rule, why not)."""

    def __init__(self, listing, listed, msn, part=None):
        self.listed, self.msn, self.part, self.where = listed, msn, part, f"{listing.name} {msn}"
        self.where += "" if part is None else f".{part}"
        self.url = urllib.parse.urljoin(listing.base, listed.uri)
        self.exchange = listing.view.content.get(self.url)
        self.body = self.exchange.body if self.exchange else None
        self.clear, self.undecrypted, self.facts = self.body, None, None
        self.init_url, self.init = None, None

    def read(self, listing, segment):
        """segment: the playlist.Segment whose map and key count."""
        if self.body is None:
            return
        if segment.key and not segment.key.get("METHOD", "").startswith("SAMPLE-AES"):
            self.clear, self.undecrypted = listing.decrypt(self.body, segment.key, self.msn)
        if segment.map:
            self.init_url = urllib.parse.urljoin(listing.base, segment.map.get("URI", ""))
            self.init, problem = listing.init(segment.map, self.msn)
            self.undecrypted = self.undecrypted or problem
        fragments = bool(segment.map) or (self.clear or b"")[4:8] in (b"styp", b"moof", b"sidx", b"emsg", b"prft")
        if self.clear is not None and (self.init is not None or not fragments):
            self.facts = facts.of(self.clear, self.init)


class Listing:
    """A media playlist. revisions: (Exchange, Media), in the order in which they came; unasked: those that are deltas,
    though nobody asked for one."""

    def __init__(self, view, url):
        self.view, self.url, self.name = view, url, name_of(url)
        self.exchanges = [e for e in view.recording.exchanges if e.list == url]
        self.answers = [e for e in self.exchanges if e.kind == "playlist"]
        read = [(e, Media(e.text())) for e in self.answers if e.status == 200 and "error" not in e.about]
        self.revisions = [one for one in read if not one[1].skipped]
        self.unasked = [one for one in read if one[1].skipped]
        self.base = self.revisions[-1][0].url if self.revisions else url
        self.pieces, self.parts = {}, {}
        for _, media in self.revisions:
            for one in media.all():
                self._note(one)
        for piece in self.pieces.values():
            piece.read(self, piece.listed)
        for piece, segment in self.parts.values():
            piece.read(self, segment)

    def _note(self, one):
        if one.uri and one.msn not in self.pieces and not one.gap:
            self.pieces[one.msn] = Piece(self, one, one.msn)
        for i, part in enumerate(one.parts):
            if (one.msn, i) not in self.parts and not part.gap:
                self.parts[one.msn, i] = Piece(self, part, one.msn, i), one

    @property
    def last(self):
        return self.revisions[-1][1] if self.revisions else None

    def of(self, *kinds):
        return [e for e in self.exchanges if e.kind in kinds]

    def probes(self, *names):
        return [e for e in self.exchanges if e.kind == "probe" and e.about.get("probe") in names]

    def pairs(self):
        """Revisions one after another: ((Exchange, Media), (Exchange, Media))."""
        return zip(self.revisions, self.revisions[1:])

    def in_order(self):
        """Pieces with readable contents, by number."""
        return [piece for _, piece in sorted(self.pieces.items()) if piece.facts and not piece.facts.unreadable]

    def neighbours(self):
        """(piece, the next one) where nothing is missing between."""
        whole = self.in_order()
        return [(a, b) for a, b in zip(whole, whole[1:]) if b.msn == a.msn + 1]

    def parts_of(self, msn):
        """Pieces of a segment's parts, all that were ever listed, in order."""
        found = []
        while (msn, len(found)) in self.parts:
            found.append(self.parts[msn, len(found)][0])
        return found

    def decrypt(self, body, key, msn):
        """(bytes in the clear or None, None or (rule, why not))."""
        exchange = self.view.content.get(urllib.parse.urljoin(self.base, key.get("URI", "")))
        if not exchange or key.get("METHOD") != "AES-128":
            return None, None
        try:
            iv = int(re.fullmatch("0[xX]([0-9a-fA-F]{1,32})", key["IV"])[1], 16) if "IV" in key else msn
            return facts.decrypted(body, exchange.body, iv.to_bytes(16, "big"))
        except (TypeError, OverflowError):
            return None, ("KEY-IV", f"a number of 128 bits, came {key.get('IV')!r}")

    def init(self, the_map, msn):
        """The same of an init section; None and None where it did not come or has no IV, which KEY-IV reports."""
        exchange = self.view.content.get(urllib.parse.urljoin(self.base, the_map.get("URI", "")))
        key = the_map.get("key")
        if not exchange or not key or key.get("METHOD") != "AES-128":
            return exchange.body if exchange else None, None
        return self.decrypt(exchange.body, key, msn) if "IV" in key else (None, None)


class View:
    """content: URL -> the first Exchange that brought a segment, part, init section or key whole."""

    def __init__(self, recording):
        self.recording = recording
        self.content = {}
        for e in recording.of("segment", "part", "hint", "init", "key"):
            if e.status == 200 and "error" not in e.about:
                self.content.setdefault(e.url, e)
        self.multivariants = [(e, Multivariant(e.text())) for e in recording.of("multivariant") if e.status == 200]
        urls = dict.fromkeys(e.list for e in recording.of("playlist"))
        self.lists = {url: Listing(self, url) for url in urls}
        self.listings = [one for one in self.lists.values() if one.revisions]

    def find(self, base, uri):
        """The Listing of a URI, or None."""
        found = self.lists.get(urllib.parse.urljoin(base, uri))
        return found if found and found.revisions else None

    def variants(self):
        """(attributes, Listing, [(attributes, Listing) of its audio group]) of the newest multivariant playlist."""
        if not self.multivariants:
            return []
        exchange, whole = self.multivariants[-1]
        found = []
        for attrs, uri in whole.variants:
            group = [(one, self.find(exchange.url, one["URI"])) for one in whole.renditions
                     if one.get("TYPE") == "AUDIO" and one.get("GROUP-ID") == attrs.get("AUDIO") and one.get("URI")]
            listing = self.find(exchange.url, uri)
            if listing:
                found.append((attrs, listing, [(one, found_list) for one, found_list in group if found_list]))
        return found
