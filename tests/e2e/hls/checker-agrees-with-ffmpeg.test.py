"""The checker on ffmpeg's own HLS, in TS and fragmented MP4: what it finds there is what ffmpeg is known to do, and nothing else."""

import functools
import http.server
import os
import re
import threading

import harness
import media
from checker import Checker

# What ffmpeg's muxer does otherwise than the specifications say.
KNOWN = {
    # Files are deleted one segment after they left (-hls_delete_threshold 1), not the playlist's duration later.
    "REMOVED-STAYS",
    # The master playlist is written once, from what the input declares: of FLV that is copied, no CODECS and no FRAME-RATE...
    "CODECS", "FRAME-RATE-THERE",
    # ... and the rates that its metadata claims, which were not measured on segments.
    "BANDWIDTH", "AVERAGE-BANDWIDTH",
}
ALWAYS = {"REMOVED-STAYS", "CODECS", "FRAME-RATE-THERE"}


class Handler(http.server.SimpleHTTPRequestHandler):
    """A plain server as one should be: types, CORS, ranges and ETags, no gzip."""

    protocol_version = "HTTP/1.1"
    extensions_map = {".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".m4s": "video/mp4", ".mp4": "video/mp4",
                      "": "application/octet-stream"}

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.answer(False)

    def do_GET(self):
        self.answer(True)

    def answer(self, with_body):
        try:
            with open(self.translate_path(self.path), "rb") as f:
                body, made = f.read(), os.fstat(f.fileno()).st_mtime_ns
        except OSError:
            body, made = None, 0
        tag, wanted = f'"{made:x}"', re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        status, fields = 200, {"Content-Type": self.guess_type(self.path), "ETag": tag, "Access-Control-Allow-Origin": "*"}
        if body is None:
            status, body = 404, b""
        elif self.headers.get("If-None-Match") == tag:
            status, body = 304, b""
        elif wanted:
            size = len(body)
            first = int(wanted[1]) if wanted[1] else size - int(wanted[2])
            last = min(int(wanted[2] or size), size - 1) if wanted[1] else size - 1
            fields["Content-Range"] = f"bytes {first}-{last}/{size}" if first < size else f"bytes */{size}"
            status, body = (206, body[first:last + 1]) if first < size else (416, b"")
        self.send_response(status)
        for name, value in {**fields, "Content-Length": len(body)}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def test(t):
    os.mkdir(t.path("ts")), os.mkdir(t.path("fmp4"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=t.dir))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    checkers = []
    for kind, options in (("ts", []), ("fmp4", ["-hls_segment_type", "fmp4"])):
        t.start(["ffmpeg", "-nostdin", "-loglevel", "error", "-re", "-stream_loop", "-1", "-i", media.fixture("long.flv"), "-c", "copy",
                 "-f", "hls", "-hls_time", "1", "-hls_list_size", "6", *options,
                 "-hls_flags", "delete_segments+program_date_time+independent_segments+temp_file",
                 "-master_pl_name", "master.m3u8", t.path(f"{kind}/live.m3u8")])
    for kind in ("ts", "fmp4"):
        harness.until(lambda: os.path.exists(t.path(f"{kind}/master.m3u8")), "ffmpeg's playlists")
        checkers.append(Checker(t, f"http://127.0.0.1:{server.server_port}/{kind}/master.m3u8", 13))
    for checker in checkers:
        # The server here has no gzip.
        checker.conforms(but=KNOWN | {"GZIP-PLAIN"}, segments=8)
        harness.check(checker.names() >= ALWAYS, f"the checker did not notice all of {ALWAYS}: {checker.names()}")
    server.shutdown()


harness.main(test)
