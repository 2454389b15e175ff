"""What a checker would record of a synthetic presentation: the same requests as follow.py and probes.py, answered rightly."""

import follow
import synthetic_media
from recording import Exchange, Recording
from synthetic import FIRST, PART, Text

BASE = "http://synthetic/live/"
ROOT = BASE + "cam.m3u8"
POLL = 0.25
TRIP = 0.002   # of a request and its answer
PLAYLIST = {"content-type": "application/vnd.apple.mpegurl", "cache-control": "no-cache"}


class Recorder:
    def __init__(self, scene):
        self.scene, self.exchanges = scene, []
        self.start = scene.window - 3 + 0.01  # seconds of the stream that are over when recording begins

    def add(self, url, kind, name="", about=None, sent=0.0, done=None, status=200, body=b"", headers=None):
        done = sent + TRIP if done is None else done
        fields = {"access-control-allow-origin": "*", "content-length": str(len(body)), "etag": synthetic_media.etag(body),
                  **(headers or {})}
        self.exchanges.append(Exchange(url, kind, name, {"method": "GET", **(about or {})}, sent, done, done, done, status, fields, body))
        return self.exchanges[-1]

    def run(self):
        for at in (0.0, self.scene.seconds * 0.7, self.scene.seconds):
            self.add(ROOT, "multivariant", sent=at, body=self.multivariant(), headers=PLAYLIST)
        for member in self.scene.members:
            Follower(self, member).run()
        probe_playlist(self, ROOT, self.multivariant(), "")
        return Recording(ROOT, sorted(self.exchanges, key=lambda one: one.done))

    def multivariant(self):
        lines = ["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS"]
        lines += [f"#EXT-X-MEDIA:{one}" for one in self.scene.renditions]
        for attributes, name in self.scene.streams:
            lines += [f"#EXT-X-STREAM-INF:{attributes}", f"{name}.m3u8"]
        return ("\n".join(lines) + "\n").encode()


class Follower:
    """One member's requests. now: seconds since the recording began."""

    def __init__(self, recorder, member):
        self.recorder, self.member, self.url = recorder, member, f"{BASE}{member.name}.m3u8"
        self.known, self.headers = set(), {"content-type": member.content_type, "cache-control": "max-age=3600"}

    def end(self, now):
        return self.member.end(now + self.recorder.start)

    def text(self, end, skip=False):
        return str(Text(self.recorder.scene, self.member, end, skip)).encode()

    def run(self):
        now, count = 0.0, 0
        end = self.end(now)
        self.playlist(end, None, now, now + TRIP)
        while now < self.recorder.scene.seconds:
            if self.member.parts:
                end, now, count = self.block(end, now, count + 1)
            else:
                now += POLL
                end = self.end(now)
                self.playlist(end, None, now, now + TRIP)
        probe_member(self.recorder, self, now / 2)

    def block(self, end, now, count):
        """A blocked reload, the request for the hinted part beside it, and now and then a delta update."""
        after = (end[0], end[1] + 1) if end[1] < 4 else (end[0] + 1, 0)
        ready = after[0] + after[1] * PART - self.recorder.start
        following = self.member.segments[end[0]]
        if count % 5 == 2:
            about = {"msn": FIRST + end[0], "part": end[1]}
            self.recorder.add(follow.directed(self.url, **about, skip=True), "delta", self.url, about, now, ready + TRIP,
                              body=self.text(after, True), headers=PLAYLIST)
        if following.parts:
            part = following.parts[end[1]]
            self.file(part.uri, "hint", {"msn": FIRST + end[0], "part": end[1]}, now, ready + TRIP, part.body)
        self.playlist(after, {"msn": FIRST + end[0], "part": end[1]}, now, ready + TRIP)
        return after, ready + TRIP, count

    def playlist(self, end, about, sent, done):
        url = follow.directed(self.url, **about) if about else self.url
        self.recorder.add(url, "playlist", self.url, about, sent, done, body=self.text(end), headers=PLAYLIST)
        self.take(end, done)

    def file(self, uri, kind, about, sent, done, body, headers=None):
        if (uri, "f") not in self.known:
            self.known.add((uri, "f"))
            self.recorder.add(BASE + uri, kind, self.url, about, sent, done, body=body, headers=headers or self.headers)

    def take(self, end, now):
        """Files that a revision names, and segments that left it."""
        text = Text(self.recorder.scene, self.member, end)
        for uri, (body, kind) in self.member.files.items():
            if uri.endswith(".key"):
                self.file(uri, "key", None, now, now + TRIP, body, {"content-type": kind, "cache-control": "private, max-age=60"})
            else:
                self.file(uri, "init", None, now, now + TRIP, body)
        for one in self.member.segments[text.first:text.last + 1]:
            parts = one.parts if one.msn < FIRST + text.last else one.parts[:text.open]
            for i, part in enumerate(parts):
                if f'"{part.uri}"' in str(text):
                    self.file(part.uri, "part", {"msn": one.msn, "part": i}, now, now + TRIP, part.body)
            if one.msn < FIRST + text.last:
                self.file(one.uri, "segment", {"msn": one.msn}, now, now + TRIP, one.body)
        for one in self.member.segments[:text.first]:
            if (one.msn, "gone") not in self.known:
                self.known.add((one.msn, "gone"))
                self.recorder.add(BASE + one.uri, "again-0.3", self.url, {"msn": one.msn, "share": 0.3}, now + 2, body=one.body,
                                  headers=self.headers)


def probe_playlist(recorder, url, body, name):
    headers = {**PLAYLIST, "content-encoding": "gzip"}
    recorder.add(url, "probe", name or url, {"probe": "gzip"}, 1.0, body=body, headers=headers)
    recorder.add(url, "probe", name or url, {"probe": "head-playlist", "method": "HEAD"}, 1.0, headers=PLAYLIST)


def probe_member(recorder, follower, now):
    url, end = follower.url, follower.end(now)
    probe_playlist(recorder, url, follower.text(end), url)
    one = follower.member.segments[end[0] - 1]
    file, size = BASE + one.uri, len(one.body)

    def ask(about, status=200, body=b"", to=file, done=None, **headers):
        recorder.add(to, "probe", url, about, now, done, status, body, {**follower.headers, **headers})
    ask({"probe": "whole"}, body=one.body)
    ask({"probe": "head", "method": "HEAD"}, **{"content-length": str(size), "etag": synthetic_media.etag(one.body)})
    for first, last in ((0, 99), (size - 50, size - 1)):
        ask({"probe": "range", "first": first, "last": last}, 206, one.body[first:last + 1],
            **{"content-range": f"bytes {first}-{last}/{size}"})
    ask({"probe": "range-outside"}, 416)
    ask({"probe": "etag"}, 304)
    ask({"probe": "segment-that-cannot-come"}, 404, to=BASE + "never.ts")
    if not follower.member.parts:
        return
    ask({"probe": "part-that-cannot-come"}, 404, to=BASE + "never-part.m4s")
    for about, status, query in (("part-without-msn", 400, {"part": 0}), ("no-number", 400, {"msn": "x"}),
                                 ("far-future", 400, {"msn": FIRST + end[0] + 100})):
        ask({"probe": about}, status, to=follow.directed(url, **query))
    for about, after, query in (("long-there", end, {"msn": FIRST}), ("past-the-end", (end[0] + 1, 1), {"msn": FIRST + end[0], "part": 9999}),
                                ("whole-segment", (end[0] + 1, 0), {"msn": FIRST + end[0]})):
        ask({"probe": about, "msn": query["msn"]}, body=follower.text(after), to=follow.directed(url, **query))
