"""An origin that is away for longer than --grace ends its stream at the edge; when it is back, srs-hls behind the edge goes on."""

import os
import re

import edge
import harness


def segments(www):
    folder = os.path.join(www, "live", "cam")
    return {name for name in os.listdir(folder) if name.endswith(".ts")} if os.path.isdir(folder) else set()


def playlist(www):
    with open(os.path.join(www, "live", "cam", "av.m3u8")) as f:
        return f.read()


def test(t):
    www = t.path("www")
    first = edge.Origin(t)
    port = int(first.rtmp.rsplit(":", 1)[1])
    relay, hls = t.pipeline(
        ["srs-relay", "--no-stdin", "--origin", first.rtmp, "--grace", "1s", "--origin-timeout", "1s", "--listen", "http://127.0.0.1:0", "--pass"],
        ["srs-hls", "--target", "1s", www])
    url = relay.address("http") + "/live/cam.flv"
    player, path = edge.record(t, url, "before.flv")
    edge.wait_media(path, 100, "media through the edge")
    harness.until(lambda: len(segments(www)) >= 2, "segments")

    first.kill()
    relay.wait_line(r"live/cam: (lost|ended)")
    player.wait()
    before = segments(www)
    sequence = int(re.search(r"MEDIA-SEQUENCE:(\d+)", playlist(www))[1])
    harness.check(relay.alive() and hls.alive(), "a stage ended with the stream")

    second = edge.Origin(t, port=port)
    harness.until(lambda: harness.accepts(port), "the origin to be back")
    # The edge may still be patient with the origin that was away: ask until it is not.
    for number in range(20):
        player, path = edge.record(t, url, f"after-{number}.flv")
        harness.until(lambda: flv_or_end(player, path), "an answer")
        if player.alive():
            break
    edge.wait_media(path, 100, "media through the edge, again")
    harness.until(lambda: len(segments(www) - before) >= 2, "segments of the stream that is back")
    harness.check(int(re.search(r"MEDIA-SEQUENCE:(\d+)", playlist(www))[1]) >= sequence, "media sequence numbers went back")
    harness.check("#EXT-X-ENDLIST" not in playlist(www), "the playlist has ended")
    harness.check(re.search(r"^#EXT-X-DISCONTINUITY($|-SEQUENCE:[1-9])", playlist(www), re.MULTILINE),
                  f"no discontinuity where another timeline begins:\n{playlist(www)}")
    player.end()
    second.kill()


def flv_or_end(player, path):
    return not player.alive() or os.path.getsize(path) > 1000


harness.main(test)
