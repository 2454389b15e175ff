"""Breaks rules of playlists and of their revisions."""

import synthetic
from mutations import exchanges, in_recording, in_scene, last_segment, newest, replace, replace_all
from synthetic import Text


@in_recording("SYNTAX")
def a_tag_twice(recording, _):
    for e in newest(recording):
        replace(e, "^#EXT-X-TARGETDURATION:1\n", "#EXT-X-TARGETDURATION:1\n#EXT-X-TARGETDURATION:1\n")


@in_recording("SYNTAX")
def an_attribute_list_that_breaks_off(recording, _):
    replace(exchanges(recording, "multivariant")[0], "AVERAGE-BANDWIDTH=", "AVERAGE-BANDWIDTH==,")


@in_scene("VERSION")
def fractions_of_version_two(scene):
    scene.members[0].version = 2


@in_scene("VERSION", "fmp4")
def map_of_version_five(scene):
    scene.members[0].version = 5


@in_scene("TARGETDURATION-COVERS")
def one_segment_too_long(scene):
    bounds = [*range(7), 7.5, *range(8, synthetic.COUNT + 1)]
    scene.members = [synthetic.ts_member("av", bounds=[*bounds[:6], *bounds[7:]])]


@in_recording("DATE-THERE")
def no_dates(recording, _):
    replace_all(recording, "^#EXT-X-PROGRAM-DATE-TIME.*\n", "", kinds=["playlist"])


@in_scene("DATE-FITS")
def dates_jump(scene):
    for one in scene.members[0].segments[5:]:
        one.date += 0.2


@in_scene("WINDOW")
def less_than_three_targets(scene):
    scene.members[0].target = 4


@in_scene("SIX-SEGMENTS")
def five_segments(scene):
    scene.window = 5


@in_recording("MAP-THERE", "fmp4")
def no_map(recording, _):
    replace_all(recording, "^#EXT-X-MAP.*\n", "", kinds=["playlist"])


@in_scene("INDEPENDENT-SEGMENTS")
def a_segment_without_idr(scene):
    one = scene.members[0].at(105)
    one.body = one.body.replace(b"\0\0\1\x65", b"\0\0\1\x41")


@in_recording("SEQUENCE-BACK")
def a_removed_segment_comes_again(recording, scene):
    polls = exchanges(recording, "playlist")
    scene.window += 1
    polls[-3].body = str(Text(scene, scene.members[0], (9, 0))).encode()


@in_recording("SEQUENCE-COUNTS")
def not_counted(recording, _):
    for e in newest(recording):
        replace(e, "^#EXT-X-MEDIA-SEQUENCE:103", "#EXT-X-MEDIA-SEQUENCE:102")


@in_recording("SEGMENT-URI")
def another_uri(recording, scene):
    for e in newest(recording):
        replace(e, f"^av-{last_segment(scene) - 2}.ts", "other.ts")


@in_recording("SEGMENT-DURATION")
def another_duration(recording, scene):
    for e in newest(recording):
        replace(e, f"^#EXTINF:1.000,\nav-{last_segment(scene) - 2}", f"#EXTINF:1.010,\nav-{last_segment(scene) - 2}")


@in_recording("SEGMENT-DATE")
def another_date(recording, _):
    for e in newest(recording):
        replace(e, r"(DATE-TIME:\S+)\.000Z", r"\1.010Z")


@in_recording("SEGMENT-TAGS", "fmp4")
def another_map(recording, _):
    for e in newest(recording):
        replace(e, "^(#EXT-X-MAP:.*)", r'\1,X-OTHER="1"')


@in_recording("END-BACK")
def the_newest_goes_again(recording, _):
    replace(exchanges(recording, "playlist")[-3], r"#EXT-X-PROGRAM-DATE-TIME\S+\n#EXTINF.*\nav-\d+.ts\n\Z", "")


@in_recording("DISCONTINUITY-SEQUENCE")
def an_evicted_discontinuity(recording, _):
    for e in newest(recording):
        replace(e, "^#EXT-X-DISCONTINUITY-SEQUENCE:1", "#EXT-X-DISCONTINUITY-SEQUENCE:0")


@in_recording("TARGETDURATION-STAYS")
def another_target(recording, _):
    for e in newest(recording):
        replace(e, "^#EXT-X-TARGETDURATION:1", "#EXT-X-TARGETDURATION:2")


@in_recording("ENDLIST")
def it_goes_on_after_the_end(recording, _):
    exchanges(recording, "playlist")[8].body += b"#EXT-X-ENDLIST\n"


@in_recording("PLAYLIST-TYPE")
def an_event_forgets(recording, _):
    replace_all(recording, "^#EXT-X-INDEPENDENT", "#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT", kinds=["playlist"])


@in_recording("UPDATE")
def nothing_for_two_seconds(recording, _):
    polls = exchanges(recording, "playlist")
    for e in polls:
        if 2.1 < e.sent < 4.4:
            e.body = next(one.body for one in polls if one.sent > 1.9)


@in_recording("UPDATE", "low-latency")
def a_part_comes_late(recording, _):
    late = exchanges(recording, "playlist", "video")[-1]
    late.done = late.first = late.head = late.sent + 1.6


@in_scene("BOUNDARY")
def other_parameter_sets(scene):
    import synthetic_media
    one = scene.members[0].at(last_segment(scene))
    one.body = one.body.replace(synthetic_media.sps(320, 176), synthetic_media.sps(320, 176, references=2))
