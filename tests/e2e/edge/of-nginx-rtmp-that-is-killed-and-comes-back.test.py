"""nginx-rtmp as the origin of an edge: players over both protocols get the stream, and stay while nginx is killed and started again
within --grace."""

import edge
import flv
import harness
import media
import nginx
from players import streams


def publish(t, server, file):
    return streams.ffmpeg_publish(t, server.rtmp + "/cam", media.fixture(file), loop=True)


def test(t):
    harness.check(nginx.program(), "nginx or its RTMP module is not installed")
    server = nginx.start(t)
    port = int(server.rtmp.split(":")[2].split("/")[0])
    publisher = publish(t, server, "long.flv")
    relay = edge.start_edge(t, "--grace", "25s", "--origin", f"rtmp://127.0.0.1:{port}")
    player, recording = edge.record(t, relay.address("http") + "/live/cam.flv?annotations=1", "http.flv")
    other = streams.ffmpeg_record(t, relay.address("rtmp") + "/live/cam", t.path("rtmp.flv"))
    edge.wait_media(recording, 350, "media of nginx through the edge")
    first = next(tag for tag in flv.tags_of_file(recording) if tag.kind == flv.VIDEO and flv.is_media(tag))
    harness.check(flv.is_key_frame(first), "the first frame of nginx's stream is no key frame")
    harness.equal([s for s in edge.video_steps(recording) if not 38 <= s[1] <= 42], [], "irregular steps of the picture")

    server.end()
    publisher.wait()
    relay.wait_line(r"live/cam: lost at origin")
    server = nginx.start(t, port)
    publish(t, server, "popular.flv")
    before = streams.packets_in(t, t.path("rtmp.flv"))
    edge.wait_media(recording, 150, "media of nginx after it was started again")
    harness.until(lambda: streams.packets_in(t, t.path("rtmp.flv")) > before + 50, "the RTMP player to go on", every=0.5)
    harness.check(player.alive() and other.alive(), "a player was thrown out")
    flv.check_monotonic(flv.tags_of_file(recording), "the player")
    # It is another stream now, whose times begin at nothing.
    harness.equal(edge.discontinuities(recording), 1, "discontinuities")
    pictures = [tag for tag in flv.tags_of_file(recording) if tag.kind == flv.VIDEO and flv.is_media(tag)]
    gap = max(range(1, len(pictures)), key=lambda i: pictures[i].time - pictures[i - 1].time)
    harness.check(flv.is_key_frame(pictures[gap]), "the picture does not go on with a key frame")
    streams.ffmpeg_play(t, relay.address("rtmp") + "/live/cam", 50)


harness.main(test)
