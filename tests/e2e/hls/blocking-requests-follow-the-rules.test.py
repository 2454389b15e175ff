"""Low-Latency HLS: requests block until there is what they ask for, and get the right status when it cannot come."""

import time

import harness
import hls
import media
from hls import HlsServer


def test(t):
    server = HlsServer(t, media.fixture("long.flv"), "--low-latency", "--window", "12")
    server.wait_segments(4)

    # The hinted part: its answer comes when it is whole, and it is then in the playlist under that name.
    hint = hls.hint(server.media())
    status, headers, body = server.get(f"live/cam/{hint}")
    harness.equal((status, headers["content-type"]), (200, "video/mp4"), "status and type of the hinted part")
    harness.check(body[4:8] == b"moof", "a part is a fragment of MP4")
    harness.check(hint in hls.parts(server.media()), "the hinted part is listed under another name")

    # A part, and a segment, that are not there yet.
    text = server.media()
    sequence, part = hls.next_sequence(text), hls.open_parts(text)
    text = server.media(query=f"?_HLS_msn={sequence}&_HLS_part={part}")
    harness.check((hls.next_sequence(text), hls.open_parts(text)) >= (sequence, part + 1), "the answer came before the part")
    sequence = hls.next_sequence(text)
    text = server.media(query=f"?_HLS_msn={sequence}")
    harness.check(hls.next_sequence(text) > sequence, "the answer came before the segment")
    # A part past the end of its segment is the first one of the next.
    text = server.media(query=f"?_HLS_msn={hls.next_sequence(text) - 1}&_HLS_part=99")
    harness.check(hls.open_parts(text) > 0, "the answer came before the next segment's first part")

    sequence = hls.next_sequence(text)
    for query, wanted in (("_HLS_part=1", 400), (f"_HLS_msn={sequence + 5}", 400), ("_HLS_msn=x", 400), (f"_HLS_msn={10**30}", 400),
                          (f"_HLS_msn={sequence - 1}&_HLS_part=0", 200)):
        harness.equal(server.get(f"live/cam/av.m3u8?{query}")[0], wanted, f"status of {query}")
    number = int(hls.hint(server.media()).split("-")[1].split(".")[0])
    for name in (f"part-{number + 50}.m4s", f"part-{number - 5000}.m4s", f"{sequence + 9}.m4s", "1.m4s"):
        harness.equal(server.get(f"live/cam/{name}")[0], 404, f"status of {name}, which is not there")

    # A delta update is the full playlist with its old segments left out.
    server.wait_segments(10)
    text = server.media()
    query = f"?_HLS_msn={hls.next_sequence(text)}&_HLS_part={hls.open_parts(text)}"
    delta = server.media(query=query + "&_HLS_skip=YES")
    full = server.media(query=query)
    harness.check("#EXT-X-SKIP:SKIPPED-SEGMENTS=" in delta, f"nothing was skipped:\n{delta}")
    if hls.next_sequence(delta) == hls.next_sequence(full) and hls.open_parts(delta) == hls.open_parts(full):
        head, tail = delta.split("#EXT-X-SKIP", 1)
        harness.check(full.startswith(head) and full.endswith(tail.split("\n", 1)[1]), f"delta\n{delta}\nof\n{full}")

    # The source is gone: who waits is told so, and not for ever.
    text = server.media()
    query = f"?_HLS_msn={hls.next_sequence(text) + 1}"
    server.ingest.signal(19)  # SIGSTOP
    started = time.monotonic()
    harness.equal(server.get(f"live/cam/av.m3u8{query}")[0], 503, "status of a segment that does not come")
    harness.check(time.monotonic() - started > 3, "503 came before three target durations")
    server.ingest.signal(18)
    server.stop()


harness.main(test)
