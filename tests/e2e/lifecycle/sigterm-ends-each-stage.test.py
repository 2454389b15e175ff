"""SIGTERM, once or twice in a row, to one stage of a running server: it ends within 5 s with status 0, and leaves a whole file or a closed playlist."""

import signal

import flv
import harness
import media
from players import streams


def test(t):
    for victim in ("srs-ingest", "srs-relay", "srs-hls"):
        recording, www = t.path(f"{victim}.flv"), t.path(f"www-{victim}")
        ingest, relay, hls = t.pipeline(
            ["srs-ingest", "--listen", "rtmp://127.0.0.1:0"],
            ["srs-relay", "--listen", "http://127.0.0.1:0", "--pass", "--drain", "0"], ["srs-hls", www])
        url = ingest.address("rtmp") + "/live/cam"
        publisher = streams.ffmpeg_publish(t, url, media.fixture("long.flv"))
        player = streams.ffmpeg_record(t, relay.address("http") + "/live/cam.flv", recording)
        harness.until(lambda: flv.media_in(recording) > 30, "a player to play")
        hls.wait_line("live/cam: begins")
        stage = {"srs-ingest": ingest, "srs-relay": relay, "srs-hls": hls}[victim]
        stage.signal(signal.SIGTERM)
        stage.signal(signal.SIGTERM)  # as timeout(1) does
        harness.equal(stage.wait(5), 0, f"exit status of {victim} after SIGTERM:\n{stage.stderr()}")
        if victim == "srs-hls":
            harness.check(ingest.alive() and relay.alive(), "srs-hls took the others along")
        else:
            player.succeeds()  # its stream ended properly
            flv.check_monotonic(flv.tags_of_file(recording), "what the player recorded")
            hls.wait(10)
        # srs-hls that is stopped alone leaves the playlist open for its next run; the files are whole either way.
        with open(f"{www}/live/cam/av.m3u8") as f:
            playlist = f.read()
        harness.equal("#EXT-X-ENDLIST" in playlist, victim != "srs-hls", f"ENDLIST after SIGTERM to {victim}")
        segments = [line for line in playlist.splitlines() if line and not line.startswith("#")]
        harness.check(segments, f"no segment after SIGTERM to {victim}:\n{playlist}")
        harness.check(media.framemd5(f"{www}/live/cam/{segments[-1]}"), f"{segments[-1]} is empty")
        for process in (publisher, player, ingest, relay):
            process.end()


harness.main(test)
