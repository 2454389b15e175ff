"""srs-hls fed from a file in real time, and what it serves, read as a player would."""

import gzip
import http.client
import re
import urllib.parse

import harness
import media


class HlsServer:
    """srs-ingest --realtime --loop FILE | srs-hls --stream live/cam --listen ... OPTIONS."""

    def __init__(self, t, file, *options, loop=True, stream="live/cam", port=0):
        source = ["srs-ingest", "--realtime", *(["--loop"] if loop else []), file]
        self.ingest, self.stage = t.pipeline(
            source, ["srs-hls", "--stream", stream, "--listen", f"http://127.0.0.1:{port}", *options])
        self.base = self.stage.address("http")
        self.stream = stream

    def url(self, path=None):
        return f"{self.base}/{path or self.stream + '.m3u8'}"

    def get(self, path, **headers):
        return get(self.url(path), **headers)

    def media(self, name="av", query=""):
        """The text of a media playlist."""
        status, _, body = self.get(f"{self.stream}/{name}.m3u8{query}")
        harness.equal(status, 200, f"status of {name}.m3u8{query}")
        return body.decode()

    def wait_segments(self, count, name="av"):
        wait_segments(self.url(f"{self.stream}/{name}.m3u8"), count)

    def stop(self):
        self.ingest.end()
        self.stage.end()


def get(url, method="GET", **headers):
    """Status, headers (lower case), body; the connection is closed. headers: with _ for -."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        if fields.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        return answer.status, fields, body
    finally:
        connection.close()


def wait_segments(url, count):
    """Until the media playlist lists so many."""
    def listed():
        status, _, body = get(url)
        return status == 200 and body.count(b"#EXTINF") >= count
    harness.until(listed, f"{count} segments of {url}")


def number(playlist, tag):
    found = re.search(rf"^#{tag}:(\d+)", playlist, re.MULTILINE)
    return int(found.group(1)) if found else 0


def segments(playlist):
    """URIs of whole segments."""
    return re.findall(r"^[^#\n]+$", playlist, re.MULTILINE)


def parts(playlist):
    return re.findall(r'^#EXT-X-PART:.*URI="([^"]+)"', playlist, re.MULTILINE)


def hint(playlist):
    found = re.search(r'^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"', playlist, re.MULTILINE)
    return found.group(1) if found else None


def next_sequence(playlist):
    """Number of the segment that is not whole yet."""
    skipped = re.search(r"SKIPPED-SEGMENTS=(\d+)", playlist)
    return (number(playlist, "EXT-X-MEDIA-SEQUENCE") + playlist.count("#EXTINF") + (int(skipped.group(1)) if skipped else 0))


def open_parts(playlist):
    """Parts of the segment that is not whole yet."""
    return len(parts(playlist[max(playlist.rfind("#EXTINF"), 0):]))


def contents(source, *, before=()):
    """What a file or URL carries, packet by packet, without times: (kind, md5) sorted."""
    return sorted((packet.stream, packet.md5) for packet in media.framemd5(source, before=before, seconds=100))
