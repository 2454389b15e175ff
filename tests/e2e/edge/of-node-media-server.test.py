"""node-media-server as the origin of an edge, over RTMP and over HTTP-FLV (chunked): the edge's players get every frame."""

import edge
import flv
import harness
import media
import nms
from players import streams


def test(t):
    origin = nms.NodeMediaServer(t)
    streams.ffmpeg_publish(t, origin.rtmp + "/live/cam", media.fixture("long.flv"), loop=True)
    sent = {packet.md5 for packet in media.framemd5(media.fixture("long.flv"))}
    for name, address in (("rtmp", origin.rtmp), ("http", origin.http)):
        relay = edge.start_edge(t, "--origin", address)
        player, recording = edge.record(t, relay.address("http") + "/live/cam.flv?annotations=1", name + ".flv")
        streams.ffmpeg_play(t, relay.address("rtmp") + "/live/cam", 50)
        edge.wait_media(recording, 200, f"media over {name}")
        harness.check(player.alive(), "the player was thrown out")
        player.end()
        first = next(tag for tag in flv.tags_of_file(recording) if tag.kind == flv.VIDEO and flv.is_media(tag))
        harness.check(flv.is_key_frame(first), f"{name}: the first frame is no key frame")
        harness.equal([s for s in edge.video_steps(recording) if not 38 <= s[1] <= 42], [], f"{name}: irregular steps of the picture")
        harness.equal(edge.discontinuities(recording), 0, f"{name}: discontinuities")
        flv.check_monotonic(flv.tags_of_file(recording), name)
        got = [packet.md5 for packet in media.framemd5(recording)]
        harness.equal([md5 for md5 in got if md5 not in sent], [], f"{name}: packets that were never sent")
        relay.end()


harness.main(test)
