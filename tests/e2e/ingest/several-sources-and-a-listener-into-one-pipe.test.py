"""Sources and a listener together make one multi-stream pipe; --stream takes one of many as plain FLV."""

import flv
import harness
import media
from players import streams


def test(t):
    pipe = t.path("pipe.flv")
    ingest = t.start(["srs-ingest", "--listen", "rtmp://127.0.0.1:0", "--name", "live/a", "--name", "live/b",
                      "--realtime", media.fixture("h264_aac.mp4"), media.fixture("video_only.flv")], stdout=pipe)
    streams.ffmpeg_publish(t, ingest.address("rtmp") + "/live/c", media.fixture("audio_only.flv"))

    def channels():
        """path -> media tags of its channel"""
        found, names = {}, {}
        for tag in flv.tags_of_file(pipe):
            if tag.kind == flv.SCRIPT and flv.script(tag)[0] == "onStream":
                names[tag.channel] = flv.script(tag)[1]["path"]
            elif flv.is_media(tag):
                harness.check(tag.channel in names, f"channel {tag.channel} was not opened by onStream")
                found.setdefault(names[tag.channel], []).append(tag)
        return found
    harness.until(lambda: min((len(channels().get(f"live/{name}", [])) for name in "abc")) > 20, "media of all three streams")
    harness.equal(ingest.stop(), 0, "exit status")
    for path, kinds in (("live/a", {8, 9}), ("live/b", {9}), ("live/c", {8})):
        tags = channels()[path]
        harness.equal({tag.kind for tag in tags}, kinds, f"kinds of tags in {path}")
        flv.check_monotonic(tags, path, kinds)
        harness.check(0 not in {tag.channel for tag in tags}, f"{path} is on channel 0 of a multi-stream pipe")
    events = [flv.script(tag)[1] for tag in flv.tags_of_file(pipe) if tag.kind == flv.SCRIPT and flv.script(tag)[0] == "onStream"]
    harness.equal(sorted(e["path"] for e in events if e["event"] == "end"), ["live/a", "live/b", "live/c"], "streams that were ended")

    plain = t.path("plain.flv")
    chooser = t.start(["srs-ingest", "--stream", "live/b", "-"], stdin=pipe, stdout=plain)
    chooser.succeeds()
    tags = [tag for tag in flv.tags_of_file(plain) if flv.is_media(tag)]
    harness.equal({tag.channel for tag in tags}, {0}, "channels of a plain FLV")
    harness.equal([tag.body for tag in tags], [tag.body for tag in flv.tags_of_file(pipe)
                                               if flv.is_media(tag) and tag.channel == channels()["live/b"][0].channel],
                  "what --stream took")
    harness.check(len(media.framemd5(plain)) == len(tags), "ffmpeg reads something else")


harness.main(test)
