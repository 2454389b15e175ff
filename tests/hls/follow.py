"""Follows a live presentation as a player and a bit more than a player: what the rules judge is recorded here.

A thread per media playlist polls it, or waits for each part where the server says CAN-BLOCK-RELOAD. What a revision
newly names is fetched at once, hinted parts before they are there, and segments that left the playlist once more
while they must still be there. probes.py asks the odd questions.
"""

import concurrent.futures
import threading
import time
import urllib.parse

import fetch
import playlist
import probes
from recording import Recording

FIRST_SEGMENTS = 30   # of a long playlist, this many from its end are fetched at first
DELTA_EVERY = 5       # blocking requests
PROBES_AT = 0.4       # of the time to record
PATIENCE = 6.0        # for answers that are still on their way at the end
RETRY = 0.25


class Recorder:
    def __init__(self, url, seconds):
        self.clock, self.recording, self.end = fetch.Clock(), Recording(url), seconds
        self.lock, self.asked, self.latest = threading.Lock(), set(), {}
        self.pool = concurrent.futures.ThreadPoolExecutor(32)
        self.due, self.pending = [], []

    def get(self, url, kind, name="", about=None, method="GET", **headers):
        """Asks, and adds to the recording."""
        exchange = fetch.fetch(self.clock, url, kind, name, about, method, **headers)
        with self.lock:
            self.recording.exchanges.append(exchange)
        return exchange

    def later(self, url, kind, name="", about=None, **headers):
        """The same in the background, once for each URL."""
        with self.lock:
            if (kind, url) in self.asked:
                return
            self.asked.add((kind, url))
            self.pending.append(self.pool.submit(self.once, url, kind, name, about, **headers))

    def once(self, url, kind, name, about, **headers):
        exchange = self.get(url, kind, name, about, **headers)
        if exchange.status == 0 or "error" in exchange.about:
            # Nobody was there, or went away: as long as it is listed it is asked for again.
            with self.lock:
                self.asked.discard((kind, url))

    def going_on(self):
        return self.clock.now() < self.end

    def run(self):
        root = self.get(self.recording.root, "multivariant")
        while root.status != 200 and self.going_on():
            time.sleep(RETRY)
            root = self.get(self.recording.root, "multivariant")
        if root.status != 200:
            return self.recording
        if playlist.is_multivariant(root.text()):
            urls = lists_of(root)
        else:
            root.kind, root.list = "playlist", root.url
            urls = [root.url]
        followers = [threading.Thread(target=self.follow, args=(url,), daemon=True) for url in urls]
        for follower in followers:
            follower.start()
        self.tend(root, urls, followers)
        return self.finish(root)

    def tend(self, root, urls, followers):
        """What has its time: probes, segments that left, the multivariant playlist again."""
        probed = again = False
        while self.going_on() and any(one.is_alive() for one in followers):
            now = self.clock.now()
            for one in [one for one in self.due if one[0] <= now]:
                self.due.remove(one)
                self.later(*one[1:])
            if now > self.end * PROBES_AT and not probed and all(url in self.latest for url in urls):
                probed = True
                self.pending.append(self.pool.submit(probes.probe, self, root, dict(self.latest)))
            if now > self.end * 0.7 and not again and root.kind == "multivariant":
                again = True
                self.pending.append(self.pool.submit(self.get, root.url, "multivariant"))
            time.sleep(0.05)

    def finish(self, root):
        if root.kind == "multivariant":
            self.get(root.url, "multivariant")
        concurrent.futures.wait(self.pending, PATIENCE)
        self.pool.shutdown(wait=False, cancel_futures=True)
        with self.lock:
            whole = sorted(self.recording.exchanges, key=lambda one: one.done)
        return Recording(self.recording.root, whole)

    def follow(self, url):
        exchange, media, count = self.get(url, "playlist", url), None, 0
        while self.going_on():
            if exchange.status != 200:
                time.sleep(RETRY)
                exchange = self.get(url, "playlist", url)
                continue
            before, media = media, playlist.Media(exchange.text())
            self.latest[url] = media
            self.take(url, exchange.url, media, before)
            if media.ended or not media.target:
                return
            count += 1
            if media.control.get("CAN-BLOCK-RELOAD") == "YES":
                exchange = self.wait_for(url, media, count)
            else:
                if media.control.get("CAN-SKIP-UNTIL") and count % DELTA_EVERY == 2:
                    self.get(directed(url, skip=True), "delta", url)
                time.sleep(min(1.5, max(0.2, media.target / 5)))
                exchange = self.get(url, "playlist", url)

    def wait_for(self, url, media, count):
        msn, part = media.next()
        about = {"msn": msn, "part": part} if media.part_target else {"msn": msn}
        if count % DELTA_EVERY == 2 and media.control.get("CAN-SKIP-UNTIL"):
            self.later(directed(url, **about, skip=True), "delta", url, about)
        return self.get(directed(url, **about), "playlist", url, about)

    def take(self, url, base, media, before):
        """Fetches what is new in a revision."""
        segments = media.segments if before else media.segments[-FIRST_SEGMENTS:]
        for one in segments + ([media.open] if media.open else []):
            if one.map and one.map.get("URI"):
                self.later(join(base, one.map["URI"]), "init", url)
            if one.key and one.key.get("METHOD") == "AES-128" and one.key.get("URI"):
                self.later(join(base, one.key["URI"]), "key", url)
            for i, part in enumerate(one.parts):
                if part.uri and not part.gap and ("hint", join(base, part.uri)) not in self.asked:
                    self.later(join(base, part.uri), "part", url, {"msn": one.msn, "part": i})
            if one.uri and not one.gap:
                self.later(join(base, one.uri), "segment", url, {"msn": one.msn})
        msn, part = media.next()
        for hint in media.hints:
            if hint.get("TYPE") == "PART" and hint.get("URI"):
                self.later(join(base, hint["URI"]), "hint", url, {"msn": msn, "part": part})
        if before:
            self.remember(url, base, media, before)

    def remember(self, url, base, media, before):
        """Asks again for what left the playlist: soon, and late in the time it has to stay."""
        for one in before.segments:
            if one.msn < media.first and not one.gap and one.uri:
                stay = one.duration + before.duration()
                for share in (0.3, 0.8):
                    about = {"msn": one.msn, "share": share}
                    self.due.append((self.clock.now() + share * stay, join(base, one.uri), f"again-{share}", url, about))


def join(base, uri):
    return urllib.parse.urljoin(base, uri)


def directed(url, msn=None, part=None, skip=False):
    """The URL with delivery directives."""
    query = [f"_HLS_msn={msn}"] if msn is not None else []
    query += [f"_HLS_part={part}"] if part is not None else []
    query += ["_HLS_skip=YES"] if skip else []
    return url + ("&" if "?" in url else "?") + "&".join(query) if query else url


def lists_of(root):
    """URLs of all media playlists that a multivariant playlist names, in its order."""
    whole = playlist.Multivariant(root.text())
    uris = [uri for _, uri in whole.variants] + [one["URI"] for one in whole.renditions if one.get("URI")]
    return list(dict.fromkeys(join(root.url, uri) for uri in uris))


def record(url, seconds):
    return Recorder(url, seconds).run()
