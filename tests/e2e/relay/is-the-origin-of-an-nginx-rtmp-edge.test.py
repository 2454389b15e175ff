"""srs-relay as the origin of an nginx-rtmp edge (its `pull`): ffmpeg plays picture and sound there, and again when the relay was
killed and is back."""

import edge
import harness
import media
import nginx
from players import streams


def test(t):
    harness.check(nginx.program(), "nginx or its RTMP module is not installed")
    origin = edge.Origin(t)
    port = int(origin.rtmp.rsplit(":", 1)[1])
    far = nginx.start(t, directives=f"pull {origin.rtmp}/live; pull_reconnect 500ms;")
    streams.ffmpeg_play(t, far.rtmp + "/cam", 50)
    streams.ffmpeg_play(t, far.rtmp + "/cam", 50, stream="a")

    # What nginx passes on is what was sent, packet by packet.
    recording = t.path("far.flv")
    streams.ffmpeg_record(t, far.rtmp + "/cam", recording, 4).succeeds()
    sent = {packet.md5 for packet in media.framemd5(media.fixture("long.flv"))}
    got = [packet.md5 for packet in media.framemd5(recording)]
    harness.check(len(got) > 150, f"only {len(got)} packets in 4 s")
    harness.equal([md5 for md5 in got if md5 not in sent], [], "packets that were never sent")

    origin.kill()
    origin = edge.Origin(t, port=port)
    streams.ffmpeg_play(t, far.rtmp + "/cam", 50)


harness.main(test)
