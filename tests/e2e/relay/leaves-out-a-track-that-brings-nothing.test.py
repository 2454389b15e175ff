"""Sound or picture that stops: who comes is told of the other one alone; who watches keeps his picture, and hears the sound when it is back."""

import flv
import harness
from paced_feed import Feed
from players import browser


def relay_of(t, keeps, seconds=30):
    """A relay that serves long.flv at its pace, but for the tags that are left out."""
    feed = Feed("long.flv", lambda tag: [tag] if keeps(tag) else [], seconds)
    relay = t.start(["srs-relay", "--stream", "live/cam", "--listen", "rtmp://127.0.0.1:0", "--listen", "http://127.0.0.1:0"],
                    stdin=feed.stdin)
    feed.begin()
    return relay


def url(relay):
    return relay.address("http") + "/live/cam.flv"


def record(t, relay, name):
    path = t.path(name)
    return t.start(["curl", "-sS", "--http1.0", "-o", path, url(relay)]), path


def until_recorded(path, what, kind):
    def has():
        try:
            return any(tag.kind == kind and flv.is_media(tag) for tag in flv.tags_of_file(path))
        except FileNotFoundError:
            return False
    harness.until(has, what)


def flags(path):
    with open(path, "rb") as f:
        return f.read(5)[4]


def headers(tags, kind):
    return [tag for tag in tags if tag.kind == kind and not flv.is_media(tag)]


def metadata(tags):
    return next(flv.script(tag)[1] for tag in tags if tag.kind == flv.SCRIPT and flv.script(tag)[0] == "onMetaData")


def sound_stops_and_is_back(t):
    relay = relay_of(t, lambda tag: tag.kind != flv.AUDIO or not flv.is_media(tag) or tag.time < 3000 or tag.time > 9000, 13)
    early, early_path = record(t, relay, "early.flv")
    relay.wait_line("live/cam: it brings no sound: none for 2 s")
    late, late_path = record(t, relay, "late.flv")
    until_recorded(late_path, "a picture for who came late", flv.VIDEO)
    probe = t.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", "-analyzeduration", "1000000",
                   relay.address("rtmp") + "/live/cam"])
    harness.equal(probe.stdout().split(), ["video"], "what ffprobe finds over RTMP while sound is away")
    relay.wait_line("live/cam: sound and picture are all there")
    early.succeeds()
    late.succeeds()

    tags = flv.tags_of_file(late_path)
    harness.equal(flags(late_path), 1, "header flags while sound is away: video alone")
    harness.check("audiocodecid" not in metadata(tags) and metadata(tags)["hasAudio"] is False, f"metadata: {metadata(tags)}")
    sound = [tag for tag in tags if tag.kind == flv.AUDIO]
    harness.check(sound and sound[0].time > 9000 and not flv.is_media(sound[0]), f"sound does not begin with its header: {sound[:2]}")
    flv.check_monotonic(tags, "who came while sound was away")

    tags = flv.tags_of_file(early_path)
    harness.equal(flags(early_path), 5, "header flags of a stream with both")
    harness.check("audiocodecid" in metadata(tags), f"metadata: {metadata(tags)}")
    flv.check_monotonic(tags, "who began with sound")
    times = [tag.time for tag in tags if tag.kind == flv.AUDIO and flv.is_media(tag)]
    longest = max(after - before for before, after in zip(times, times[1:]))
    harness.check(longest < 700, f"who began with sound has {longest} ms without any frame of it")
    decoded = t.run(["ffmpeg", "-v", "warning", "-i", early_path, "-map", "0:a", "-f", "null", "-"])
    harness.equal(decoded.stderr(), "", "what ffmpeg says of the silence")


def watcher_keeps_his_picture(t):
    relay = relay_of(t, lambda tag: tag.kind != flv.AUDIO or not flv.is_media(tag) or tag.time < 3000)
    # Shorter than the stream: at its end a player that stood still would go on.
    report = browser.play(t, "mpegts", url(relay), frames=150, seconds=8, patience=26)
    harness.equal(report["errors"], [], "errors of mpegts.js")


def picture_stops(t):
    relay = relay_of(t, lambda tag: tag.kind != flv.VIDEO or not flv.is_media(tag) or tag.time < 2000, 9)
    relay.wait_line("live/cam: it brings no picture: none for 2 s")
    late, path = record(t, relay, "sound.flv")
    late.succeeds()
    harness.equal(flags(path), 4, "header flags while the picture is away: sound alone")
    flv.check_monotonic(flv.tags_of_file(path), "who came while the picture was away", kinds=(flv.AUDIO,))


def sound_never_comes(t):
    relay = relay_of(t, lambda tag: tag.kind != flv.AUDIO or not flv.is_media(tag), 20)
    report = browser.play(t, "mpegts", url(relay), frames=60, seconds=2)
    harness.equal(report["errors"], [], "errors of mpegts.js where sound was announced and never came")
    relay.wait_line("live/cam: it brings no sound: it was announced and never came")


def test(t):
    sound_stops_and_is_back(t)
    watcher_keeps_his_picture(t)
    picture_stops(t)
    sound_never_comes(t)


harness.main(test)
