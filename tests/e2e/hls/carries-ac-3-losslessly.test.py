"""AC-3 and E-AC-3, which FLV carries in enhanced tags, go out in MPEG-TS and fragmented MP4 frame by frame as they came."""

import flv
import harness
import media

FRAME_MS = 32  # 1536 samples at 48 kHz


def encode(t, codec, channels):
    path = t.path(f"{codec}-{channels}.{codec}")
    t.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
           "sine=frequency=440:sample_rate=48000", "-t", "10", "-ac", str(channels), "-c:a", codec, "-b:a", "192k", path])
    return path


def frames(codec, data):
    """The synchronization frames of an elementary stream, by what their headers say of their size."""
    found, at = [], 0
    while at < len(data):
        harness.equal(data[at:at + 2], b"\x0b\x77", f"sync word at {at}")
        # 48 kHz: frmsizecod 20 is 192 kbit/s, 768 bytes; E-AC-3 says frmsiz.
        size = 768 if codec == "ac3" else 2 * ((data[at + 2] & 7) << 8 | data[at + 3]) + 2
        found.append(data[at:at + size])
        at += size
    return found


def mux(t, name, sound, fourcc):
    """Pictures of a fixture, and these frames of sound, as FLV."""
    tags = [(tag.time, tag.kind, tag.body) for tag in flv.tags_of_file(media.fixture("h264_aac.flv")) if tag.kind == flv.VIDEO]
    tags += [(i * FRAME_MS, flv.AUDIO, b"\x91" + fourcc + frame) for i, frame in enumerate(sound)]
    path = t.path(name)
    with open(path, "wb") as f:
        f.write(flv.HEADER + b"".join(flv.write_tag(kind, time, body) for time, kind, body in sorted(tags, key=lambda tag: tag[0])))
    return path


def of(stream, packets):
    return [packet.md5 for packet in packets if packet.stream == stream]


# MPEG-TS repeats parameter sets and delimits pictures.
NEUTRAL = {"ts": media.NEUTRAL_TS[:2], "fmp4": media.NEUTRAL_FLV}


def test(t):
    pictures = of("v", media.framemd5(media.fixture("h264_aac.flv"), after=media.NEUTRAL_FLV))
    for codec, channels, fourcc in (("ac3", 2, b"ac-3"), ("ac3", 6, b"ac-3"), ("eac3", 6, b"ec-3")):
        elementary = encode(t, codec, channels)
        with open(elementary, "rb") as f:
            sound = frames(codec, f.read())
        wanted = of("a", media.framemd5(elementary))
        harness.equal(len(wanted), len(sound), "frames, as FFmpeg counts them")
        source = mux(t, f"{codec}-{channels}.flv", sound, fourcc)
        for container in ("ts", "fmp4"):
            what = f"{codec} of {channels} channels in {container}"
            www = t.path(f"www-{codec}-{channels}-{container}")
            ingest, stage = t.pipeline(["srs-ingest", source],
                                       ["srs-hls", "--stream", "x", "--format", container, "--vod", www])
            harness.equal((ingest.wait(60), stage.wait(60)), (0, 0), f"exit statuses of {what}:\n{stage.stderr()}")
            playlist = f"{www}/x.m3u8"
            with open(playlist) as f:
                master = f.read()
            harness.check(f',{fourcc.decode()}"' in master, f"CODECS of {what}: {master}")
            got = media.framemd5(playlist, after=NEUTRAL[container])
            harness.equal(of("a", got), wanted, f"frames of {what}")
            times = [packet.pts for packet in got if packet.stream == "a"]
            harness.check(all(abs(b - a - FRAME_MS) <= 1 for a, b in zip(times, times[1:])), f"times of {what}: {times[:20]}")
            harness.equal(of("v", got), pictures, f"pictures of {what}")


harness.main(test)
