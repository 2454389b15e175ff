"""--loop goes on where the file ended, --realtime gives out no more than has passed, and a file without either loses nothing."""

import time

import flv
import harness
import media


def test(t):
    path = media.fixture("h264_aac.flv")
    once = [tag for tag in flv.tags_of_file(path) if flv.is_media(tag)]
    looped = t.path("loop.flv")
    ingest = t.start(["srs-ingest", "--loop", path], stdout=looped)
    harness.until(lambda: flv.media_in(looped) > 2.5 * len(once), "the file to come three times")
    harness.equal(ingest.stop(), 0, "exit status")
    tags = flv.tags_of_file(looped)
    flv.check_monotonic(tags, "the loop")
    got = [tag for tag in tags if flv.is_media(tag)]
    for kind in (flv.AUDIO, flv.VIDEO):
        source, seen = ([tag.body for tag in some if tag.kind == kind] for some in (once, got))
        harness.check(seen[:2 * len(source)] == source * 2, f"kind {kind}: the second turn is not the first one again")
    pictures = [tag.time for tag in got if tag.kind == flv.VIDEO]
    steps = [b - a for a, b in zip(pictures, pictures[1:])]
    harness.check(max(steps) < 150, f"{max(steps)} ms between two pictures: the file's own are 40 ms apart")

    paced = t.path("paced.flv")
    started = time.monotonic()
    ingest = t.start(["srs-ingest", "--realtime", path], stdout=paced)
    harness.until(lambda: flv.media_in(paced) > 100, "some media")
    tags = [tag for tag in flv.tags_of_file(paced) if flv.is_media(tag)]
    passed = 1000 * (time.monotonic() - started)
    given = tags[-1].time - tags[0].time
    # A second more than has passed would be no pacing; how much less is the machine's affair.
    harness.check(given < passed + 1000, f"{given} ms of media in {passed:.0f} ms")
    harness.equal(ingest.stop(), 0, "exit status")


harness.main(test)
