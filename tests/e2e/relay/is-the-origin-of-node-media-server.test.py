"""srs-relay as the origin of node-media-server, which pulls over RTMP: ffmpeg plays it there over RTMP and HTTP-FLV."""

import edge
import harness
import nms
from players import streams


def test(t):
    origin = edge.Origin(t)
    far = nms.NodeMediaServer(t)
    far.pull(origin.rtmp + "/live/cam", "live/cam")
    for url in (far.rtmp + "/live/cam", far.http + "/live/cam.flv"):
        harness.until(lambda: streams.packets_in(t, _recorded(t, url)) > 25, f"a picture at {url}", every=0.2)
        streams.ffmpeg_play(t, url, 50)
        streams.ffmpeg_play(t, url, 50, stream="a")


def _recorded(t, url):
    """What comes in two seconds."""
    path = t.path("far.flv")
    t.run(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "error", "-y", "-rw_timeout", "5000000", "-i", url, "-t", "2", "-c", "copy",
           "-f", "flv", path])
    return path


harness.main(test)
