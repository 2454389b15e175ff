"""Breaks rules of what is in segments and parts."""

import struct

from mutations import in_recording, in_scene, exchanges, last_segment


def alter(one, old, new, number=0):
    """Replaces one occurrence in a body by bytes of the same length."""
    at = -1
    for _ in range(number + 1):
        at = one.body.index(old, at + 1)
    if len(old) != len(new):
        raise ValueError("of another length")
    one.body = one.body[:at] + new + one.body[at + len(old):]


def packets(body):
    return [bytearray(body[at:at + 188]) for at in range(0, len(body), 188)]


def restamped(body, change):
    """The presentation time of PES packet i of each PID is change(pid, i, time)."""
    whole, counts = packets(body), {}
    for packet in whole:
        pid = (packet[1] & 0x1f) << 8 | packet[2]
        if not packet[1] & 0x40 or pid < 256 or pid == 4096:
            continue
        at = 4 + (1 + packet[4] if packet[3] & 0x20 else 0) + 9
        old = (packet[at] >> 1 & 7) << 30 | packet[at + 1] << 22 | packet[at + 2] >> 1 << 15 | packet[at + 3] << 7 | packet[at + 4] >> 1
        i = counts[pid] = counts.get(pid, -1) + 1
        new = change(pid, i, old)
        packet[at:at + 5] = bytes([0x21 | new >> 29 & 14]) + struct.pack(">HH", new >> 14 & 0xfffe | 1, new << 1 & 0xfffe | 1)
    return b"".join(whole)


@in_scene("READABLE", "fmp4")
def a_box_that_ends_early(scene):
    one = scene.members[0].at(last_segment(scene))
    one.body = one.body[:-5]


@in_scene("READABLE", "fmp4")
def no_samples(scene):
    scene.members[0].at(last_segment(scene)).body = b"\0\0\0\x08free"


@in_scene("EXTINF-TRUE")
def longer_than_it_is(scene):
    scene.members[0].at(106).duration = 1.3
    for one in scene.members[0].segments[7:]:
        one.date += 0.3


@in_scene("TIMES-GO-ON")
def half_a_second_is_missing(scene):
    for one in scene.members[0].segments[6:]:
        one.body = restamped(one.body, lambda pid, i, time: time + 45000)


@in_scene("TIMES-GO-ON")
def sound_drifts_away(scene):
    for i, one in enumerate(scene.members[0].segments):
        one.body = restamped(one.body, lambda pid, _, time, late=i * 2700: time + (late if pid == 257 else 0))


@in_scene("TIMES-RISE")
def two_frames_in_the_wrong_order(scene):
    one = scene.members[0].at(106)
    one.body = restamped(one.body, lambda pid, i, time: time + {3: 9000, 4: -9000}.get(i, 0) if pid == 256 else time)


@in_scene("TS-PACKETS")
def a_byte_after_the_last_packet(scene):
    scene.members[0].at(106).body += b"\0"


@in_scene("TS-PACKETS")
def no_sync_byte(scene):
    one = scene.members[0].at(last_segment(scene))
    one.body = one.body[:188 * 3] + b"\x48" + one.body[188 * 3 + 1:]


@in_scene("TS-TABLES")
def wrong_crc(scene):
    one = scene.members[0].at(106)
    whole = packets(one.body)
    whole[1][5 + 24] ^= 1
    one.body = b"".join(whole)


@in_scene("TS-COUNTERS")
def a_packet_is_lost_inside(scene):
    one = scene.members[0].at(106)
    whole = packets(one.body)
    whole[10][3] ^= 1
    one.body = b"".join(whole)


@in_scene("TS-COUNTERS")
def counters_begin_again(scene):
    one = scene.members[0].at(last_segment(scene))
    whole = packets(one.body)
    for packet in whole:
        packet[3] = packet[3] & 0xf0 | packet[3] + 5 & 15
    one.body = b"".join(whole)


@in_scene("TS-PCR")
def no_clock(scene):
    one = scene.members[0].at(106)
    whole = packets(one.body)
    for packet in whole:
        if packet[3] & 0x20 and packet[4]:
            packet[5] &= ~0x10 & 0xff
    one.body = b"".join(whole)


@in_scene("TS-PCR")
def a_clock_that_is_fast(scene):
    for one in scene.members[0].segments:
        one.body = restamped(one.body, lambda pid, i, time: time - 9900)


@in_scene("TS-AUD")
def a_frame_without_delimiter(scene):
    alter(scene.members[0].at(106), b"\0\0\1\x09", b"\0\0\1\x0c", 3)


@in_scene("TS-PARAMETER-SETS")
def no_picture_parameter_set(scene):
    alter(scene.members[0].at(106), b"\0\0\1\x68", b"\0\0\1\x6c")


@in_scene("TS-ADTS")
def sound_without_headers(scene):
    alter(scene.members[0].at(last_segment(scene)), b"\xff\xf1\x4c", b"\xfe\xf1\x4c", 5)


@in_scene("INIT-SECTION", "fmp4")
def an_init_section_without_mvex(scene):
    files = scene.members[0].files
    files["av-init.mp4"] = (files["av-init.mp4"][0].replace(b"mvex", b"free"), "video/mp4")


@in_scene("FRAGMENT-LAYOUT", "fmp4")
def samples_past_the_end(scene):
    one = scene.members[0].at(106)
    at = one.body.index(b"trun", one.body.index(b"trun") + 4) + 12
    offset = struct.unpack_from(">I", one.body, at)[0]
    one.body = one.body[:at] + struct.pack(">I", offset + 1000) + one.body[at + 4:]


@in_scene("FRAGMENT-TRACKS", "fmp4")
def a_track_that_nobody_declared(scene):
    alter(scene.members[0].at(106), b"tfhd\0\2\0\0\0\0\0\2", b"tfhd\0\2\0\0\0\0\0\7")


@in_scene("TFDT-CHAIN", "fmp4")
def a_sample_later(scene):
    one = scene.members[0].at(last_segment(scene))
    at = one.body.rindex(b"tfdt") + 8
    time = struct.unpack_from(">Q", one.body, at)[0]
    one.body = one.body[:at] + struct.pack(">Q", time + 1) + one.body[at + 8:]


@in_scene("TFDT-CHAIN", "low-latency")
def a_part_that_overlaps(scene):
    one = scene.members[0].at(last_segment(scene) - 1)
    part = one.parts[3]
    at = part.body.index(b"tfdt") + 8
    time = struct.unpack_from(">Q", part.body, at)[0]
    part.body = part.body[:at] + struct.pack(">Q", time - 90) + part.body[at + 8:]
    one.body = b"".join(each.body for each in one.parts)


@in_scene("PARTS-MAKE-SEGMENT", "low-latency")
def a_segment_that_is_not_its_parts(scene):
    one = scene.members[0].at(108)
    one.body = one.body[:-1] + bytes([one.body[-1] ^ 1])


@in_recording("PART-INF", "low-latency")
def no_part_target(recording, _):
    for kind in ("playlist", "delta", "probe"):
        for e in exchanges(recording, kind):
            e.body = b"\n".join(line for line in e.body.split(b"\n") if not line.startswith(b"#EXT-X-PART-INF"))


@in_recording("PART-INF", "low-latency")
def another_part_target(recording, _):
    last = exchanges(recording, "playlist", "audio")[-1]
    last.body = last.body.replace(b"PART-TARGET=0.22", b"PART-TARGET=0.215")


@in_scene("PART-LONG", "low-latency")
def parts_longer_than_their_target(scene):
    for member in scene.members:
        member.part_target = 0.21


@in_scene("PART-SHORT", "low-latency")
def parts_too_short(scene):
    for member in scene.members:
        member.part_target = 0.24
        member.control = member.control.replace("0.660", "0.720")


@in_scene("PARTS-SUM", "low-latency")
def parts_that_say_too_much(scene):
    for part in scene.members[1].at(107).parts:
        part.duration += 0.006


@in_scene("PART-TRUE", "low-latency")
def one_part_takes_from_another(scene):
    for one in scene.members[1].segments[6:8]:
        short = next(part for part in one.parts if part.duration < 0.2)
        long = next(part for part in one.parts if part.duration > 0.2)
        short.duration, long.duration = short.duration + 0.025, long.duration - 0.025


@in_scene("PART-INDEPENDENT", "low-latency")
def independent_but_not(scene):
    scene.members[0].at(108).parts[3].independent = True


@in_scene("PART-INDEPENDENT-SAID", "low-latency")
def independent_but_silent(scene):
    scene.members[0].at(108).parts[0].independent = False


@in_recording("PART-STAYS", "low-latency")
def another_duration_of_a_part(recording, _):
    last = exchanges(recording, "playlist", "video")[-1]
    last.body = last.body.replace(b"DURATION=0.200", b"DURATION=0.201", 1)


@in_scene("PARTS-LEAVE", "low-latency")
def parts_for_ever(scene):
    for member in scene.members:
        member.parts_listed = 5
