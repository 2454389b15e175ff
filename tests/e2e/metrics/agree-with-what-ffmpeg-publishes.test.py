"""Frame rate, GOP length, bytes, players and codecs in /metrics and /api/streams are those of what ffmpeg publishes, at each tool."""

import admin
import harness
import live
from players import streams


def publish(t, url):
    """25 pictures a second, a key frame every two seconds, 400 kbit/s and sound."""
    return t.start(["ffmpeg", "-hide_banner", "-nostdin", "-loglevel", "warning", "-nostats",
                    "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25", "-re", "-f", "lavfi", "-i", "sine=sample_rate=44100",
                    "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "50", "-keyint_min", "50",
                    "-sc_threshold", "0", "-b:v", "400k", "-minrate", "400k", "-maxrate", "400k", "-bufsize", "400k",
                    "-x264-params", "nal-hrd=cbr", "-c:a", "aac", "-b:a", "96k", "-f", "flv", url])


def near(got, wanted, tolerance, what):
    harness.check(got is not None and abs(got - wanted) <= tolerance, f"{what}: {got}, wanted {wanted} +- {tolerance}")


def check_media(base, name):
    found = admin.samples(admin.metrics_text(base))
    def sample(metric):
        return found.get((metric, (("stream", "live/a"),)))
    near(sample("srs_stream_frames_per_second"), 25, 0.5, f"frame rate at {name}")
    near(sample("srs_stream_gop_seconds"), 2, 0.05, f"GOP length at {name}")
    near(sample("srs_stream_bytes_per_second"), 62000, 15000, f"bytes a second at {name}")
    near(sample("srs_stream_key_frame_age_seconds"), 1, 3, f"age of the key frame at {name}")
    near(sample("srs_stream_av_skew_seconds"), 0, 0.5, f"skew at {name}")
    near(sample("srs_stream_audio_frames_total") / sample("srs_stream_video_frames_total"), 44100 / 1024 / 25, 0.2,
         f"sound to picture at {name}")
    described = admin.get_json(base + "/api/streams")
    harness.equal([stream["stream"] for stream in described], ["live/a"], f"streams at {name}")
    harness.check("320x180" in described[0]["video"] and "H.264" in described[0]["video"], f"video at {name}: {described[0]}")
    harness.check("AAC" in described[0]["audio"] and "44100" in described[0]["audio"], f"audio at {name}: {described[0]}")


def test(t):
    server = live.LiveServer(t, ingest_options=admin.OPTION, relay_options=admin.OPTION, hls_options=admin.OPTION)
    bases = {stage.name: admin.address(stage) for stage in server.stages}
    publish(t, server.publish("live/a"))
    relay = bases["srs-relay"]
    harness.until(lambda: (admin.value(relay, "srs_stream_video_frames_total", stream="live/a") or 0) > 25, "the stream")

    recorder = streams.ffmpeg_record(t, server.rtmp("live/a"), t.path("a.flv"))
    curl = t.start(["curl", "-s", "--max-time", "60", server.flv("live/a")], stdout=t.path("b.flv"))
    harness.until(lambda: admin.value(relay, "srs_players", stream="live/a") == 2, "two players to be counted")
    harness.until(lambda: admin.value(relay, "srs_first_frame_seconds_count", stream="live/a") == 2, "two first frames")
    harness.until(lambda: (admin.value(relay, "srs_stream_video_frames_total", stream="live/a") or 0) > 160, "six seconds")
    for name, base in bases.items():
        check_media(base, name)
    harness.equal(admin.value(bases["srs-ingest"], "srs_publishers"), 1, "publishers at srs-ingest")

    # What was sent to players that are there and that have left, never less than before.
    sent = admin.value(relay, "srs_sent_bytes_total", stream="live/a")
    curl.end()
    harness.until(lambda: admin.value(relay, "srs_players", stream="live/a") == 1, "one player to be left")
    later = admin.value(relay, "srs_sent_bytes_total", stream="live/a")
    harness.check(later >= sent > 300_000, f"bytes sent: {sent}, then {later}")
    recorder.end()
    harness.until(lambda: admin.value(relay, "srs_players", stream="live/a") == 0, "nobody to be left")
    last = admin.value(relay, "srs_sent_bytes_total", stream="live/a")
    with open(t.path("b.flv"), "rb") as f:
        received = len(f.read())
    harness.check(last >= later and last > 2 * received * 0.8, f"bytes sent: {later}, then {last}; one player has got {received}")
    harness.equal(admin.value(relay, "srs_players_total", stream="live/a"), 2, "players so far")
    harness.check(admin.value(bases["srs-hls"], "srs_hls_segments_total", stream="live/a") >= 2, "segments of six seconds")


harness.main(test)
