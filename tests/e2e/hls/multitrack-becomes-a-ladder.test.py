"""--ladder: the video tracks of one multitrack stream (Enhanced RTMP) become the variants of one playlist, aligned, each with the sound;
nothing of either picture is lost. Without --ladder players get track 0."""

import os
import re

import flv
import harness
import hls
import media

MULTITRACK, ONE_TRACK, MANY_TRACKS = 6, 0x00, 0x10


def split(body):
    """Frame type and packet type as Enhanced RTMP numbers them, and what comes behind (composition time, data) of a tag with avc1."""
    return body[0] & 0xf0, body[1], body[2:] if body[1] == 1 else body[5:]


def one_track(tag, track):
    """As OBS sends further tracks: each frame in a tag of its own."""
    kind, packet, data = split(tag.body)
    return bytes([0x80 | kind | MULTITRACK, ONE_TRACK | packet]) + b"avc1" + bytes([track]) + data


def many_tracks(tags):
    """The frames of one moment in one tag."""
    kind, packet, _ = split(tags[0].body)
    body = bytes([0x80 | kind | MULTITRACK, MANY_TRACKS | packet]) + b"avc1"
    for track, tag in enumerate(tags):
        data = split(tag.body)[2]
        body += bytes([track]) + len(data).to_bytes(3, "big") + data
    return body


def video_of(name):
    return [tag for tag in flv.tags_of_file(media.fixture(name)) if tag.kind == flv.VIDEO and tag.body[1] < 2]


def multitrack(together):
    """long.flv with the picture of small.flv as track 1; both have key frames each second and the same timestamps."""
    data, others = bytearray(flv.HEADER), iter(video_of("small.flv"))
    for tag in flv.tags_of_file(media.fixture("long.flv")):
        if tag.kind != flv.VIDEO or tag.body[1] > 1:
            data += flv.write_tag(tag.kind, tag.time, tag.body) if tag.kind == flv.AUDIO else b""
            continue
        other = next(others)
        harness.equal((other.time, other.body[1]), (tag.time, tag.body[1]), "time and packet type of both fixtures")
        if together:
            data += flv.write_tag(flv.VIDEO, tag.time, many_tracks([tag, other]))
        else:
            data += flv.write_tag(flv.VIDEO, tag.time, tag.body) + flv.write_tag(flv.VIDEO, other.time, one_track(other, 1))
    return bytes(data)


def read(www, name):
    with open(os.path.join(www, name)) as f:
        return f.read()


def test(t):
    sources = {"cam": hls.contents(media.fixture("long.flv")), "cam_track1": hls.contents(media.fixture("small.flv"))}
    for name, together in (("apart", False), ("together", True)):
        source, www = t.path(f"{name}.flv"), t.path(name)
        with open(source, "wb") as f:
            f.write(multitrack(together))
        command = ["srs-hls", "--format", "fmp4", "--stream", "live/cam", "--window", "100"]
        harness.equal(t.run([*command, "--ladder", www], stdin=source).returncode, 0, "exit status of srs-hls --ladder")
        master = read(www, "live/cam.m3u8")
        harness.equal(hls.segments(master), ["cam/av.m3u8", "cam_track1/av.m3u8"], f"variants, tracks {name}")
        harness.equal(re.findall(r"RESOLUTION=(\S+?),", master), ["640x360", "320x180"], f"sizes, tracks {name}")
        lists = [read(www, f"live/{variant}/av.m3u8") for variant in sources]
        for tag in ("EXT-X-MEDIA-SEQUENCE:", "EXT-X-TARGETDURATION:", "EXTINF:", "EXT-X-PROGRAM-DATE-TIME:"):
            both = [re.findall(rf"^#{tag}(\S+)", text, re.MULTILINE) for text in lists]
            harness.equal(both[0], both[1], f"{tag} of both variants, tracks {name}")
        for variant, wanted in sources.items():
            harness.equal(hls.contents(os.path.join(www, f"live/{variant}/av.m3u8")), wanted, f"frames of {variant}, tracks {name}")

        alone = t.path(f"{name}-alone")
        harness.equal(t.run([*command, alone], stdin=source).returncode, 0, "exit status of srs-hls")
        harness.equal(hls.segments(read(alone, "live/cam.m3u8")), ["cam/av.m3u8"], "variants without --ladder")
        harness.equal(hls.contents(os.path.join(alone, "live/cam/av.m3u8")), sources["cam"], "frames without --ladder")


harness.main(test)
