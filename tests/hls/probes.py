"""Questions that a player seldom asks, each once for a playlist: HEAD, Range, gzip, wrong and far directives, names that
cannot come. An Exchange's about["probe"] says which; the rules know what must come."""

import random
import urllib.parse

import follow

FAR = 100  # segments ahead


def probe(recorder, root, latest):
    """latest: playlist URL -> the newest Media of it. root: the Exchange of the first playlist."""
    if root.kind == "multivariant":
        playlist_probes(recorder, root.url)
    for url, media in latest.items():
        playlist_probes(recorder, url)
        if media.segments:
            file_probes(recorder, url, follow.join(url, media.segments[-1].uri))
            absent(recorder, url, media.segments[-1].uri, "segment-that-cannot-come")
        if media.control.get("CAN-BLOCK-RELOAD") == "YES":
            blocking_probes(recorder, url, media)


def playlist_probes(recorder, url):
    recorder.get(url, "probe", url, {"probe": "gzip"}, Accept_Encoding="gzip")
    recorder.get(url, "probe", url, {"probe": "head-playlist"}, method="HEAD")


def file_probes(recorder, name, url):
    whole = recorder.get(url, "probe", name, {"probe": "whole"})
    size = len(whole.body)
    recorder.get(url, "probe", name, {"probe": "head"}, method="HEAD")
    if size < 200:
        return
    for first, last in ((0, 99), (100, size - 1), (size // 2, size // 2)):
        recorder.get(url, "probe", name, {"probe": "range", "first": first, "last": last}, Range=f"bytes={first}-{last}")
    recorder.get(url, "probe", name, {"probe": "range", "first": size - 50, "last": size - 1}, Range="bytes=-50")
    recorder.get(url, "probe", name, {"probe": "range-outside"}, Range=f"bytes={size}-{size + 10}")
    if whole.headers.get("etag"):
        recorder.get(url, "probe", name, {"probe": "etag"}, If_None_Match=whole.headers["etag"])


def absent(recorder, name, uri, what):
    """A name like the given one that nobody will ever make."""
    parts = urllib.parse.urlsplit(follow.join(name, uri))
    folder, _, file = parts.path.rpartition("/")
    url = urllib.parse.urlunsplit(parts._replace(path=f"{folder}/never-{random.randrange(1 << 32):x}-{file}"))
    recorder.get(url, "probe", name, {"probe": what})


def blocking_probes(recorder, url, media):
    msn, _ = recorder.latest.get(url, media).next()
    recorder.get(follow.directed(url, part=0), "probe", url, {"probe": "part-without-msn"})
    recorder.get(follow.directed(url, msn=msn + FAR), "probe", url, {"probe": "far-future"})
    recorder.get(follow.directed(url, msn=msn + FAR, part=0), "probe", url, {"probe": "far-future"})
    recorder.get(follow.directed(url, msn="x"), "probe", url, {"probe": "no-number"})
    recorder.get(follow.directed(url, msn=media.first), "probe", url, {"probe": "long-there", "msn": media.first})
    newest = recorder.latest.get(url, media)
    if newest.part_target:
        hints = [one["URI"] for one in newest.hints if one.get("URI")]
        if hints:
            absent(recorder, url, hints[0], "part-that-cannot-come")
        msn, _ = recorder.latest.get(url, media).next()
        recorder.get(follow.directed(url, msn=msn, part=9999), "probe", url, {"probe": "past-the-end", "msn": msn})
    msn, _ = recorder.latest.get(url, media).next()
    recorder.get(follow.directed(url, msn=msn), "probe", url, {"probe": "whole-segment", "msn": msn})
