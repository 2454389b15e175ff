"""From memory and from files: types, cache fields, CORS, gzip, ETag, ranges and HEAD are right."""

import harness
import hls
import media
from hls import HlsServer


def check_file(server, path, content_type):
    status, fields, whole = server.get(path)
    harness.equal((status, fields["content-type"]), (200, content_type), f"status and type of {path}")
    harness.check(fields["cache-control"].startswith("max-age="), f"{path} may be cached: {fields}")
    harness.equal(fields["access-control-allow-origin"], "*", f"CORS of {path}")
    harness.equal(server.get(path, If_None_Match=fields["etag"])[0], 304, f"status of {path} that did not change")
    status, part_fields, part = server.get(path, Range="bytes=100-199")
    harness.equal((status, part, part_fields["content-range"]), (206, whole[100:200], f"bytes 100-199/{len(whole)}"), f"range of {path}")
    harness.equal(server.get(path, Range=f"bytes={len(whole)}-")[0], 416, "status of a range beyond the end")
    status, head_fields, body = hls.get(server.url(path), method="HEAD")
    harness.equal((status, body, head_fields["content-length"]), (200, b"", str(len(whole))), f"HEAD of {path}")


def check_playlist(server, path):
    status, fields, plain = server.get(path)
    harness.equal((status, fields["content-type"]), (200, "application/vnd.apple.mpegurl"), f"status and type of {path}")
    harness.equal((fields["cache-control"], fields["vary"]), ("no-cache", "Accept-Encoding"), f"cache fields of {path}")
    harness.equal(fields["access-control-allow-origin"], "*", f"CORS of {path}")
    status, fields, unpacked = server.get(path, Accept_Encoding="gzip, deflate, br")
    harness.equal(fields.get("content-encoding"), "gzip", f"encoding of {path}")
    harness.equal(unpacked.splitlines()[0], plain.splitlines()[0], "unpacked text")
    harness.check("content-encoding" not in server.get(path, Accept_Encoding="gzip;q=0")[1], "gzip for who does not want it")


def test(t):
    for place in ([], [t.path("www")]):
        server = HlsServer(t, media.fixture("long.flv"), "--format", "fmp4", "--target", "1s", *place)
        server.wait_segments(3)
        check_playlist(server, "live/cam.m3u8")
        check_playlist(server, "live/cam/av.m3u8")
        text = server.media()
        check_file(server, f"live/cam/{hls.segments(text)[-1]}", "video/mp4")
        check_file(server, f"live/cam/{text.split('#EXT-X-MAP:URI=')[1].split(chr(34))[1]}", "video/mp4")
        harness.equal(server.get("live/nobody.m3u8")[0], 404, "status of a stream that is not there")
        harness.equal(server.get("live/cam/999999999.m4s")[0], 404, "status of a segment that is not there")
        # What leaves the playlist stays for a while, for who is behind.
        first = hls.segments(server.media())[0]
        harness.until(lambda: first not in hls.segments(server.media()), f"{first} to leave the playlist", seconds=30)
        harness.equal(server.get(f"live/cam/{first}")[0], 200, "status of a segment that just left")
        server.stop()


harness.main(test)
