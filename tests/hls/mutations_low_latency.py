"""Breaks rules of Low-Latency HLS, and of delta updates."""

from mutations import exchanges, in_recording, in_scene, replace, replace_all
from synthetic import Text

LL = "low-latency"


def set_control(scene, old, new):
    for member in scene.members:
        if old not in member.control:
            raise ValueError(old)
        member.control = member.control.replace(old, new)


@in_scene("SERVER-CONTROL", LL)
def no_part_hold_back(scene):
    set_control(scene, ",PART-HOLD-BACK=0.660", "")


@in_scene("PART-HOLD-BACK", LL)
def one_part_of_hold_back(scene):
    set_control(scene, "PART-HOLD-BACK=0.660", "PART-HOLD-BACK=0.300")


@in_scene("PART-HOLD-BACK-THREE", LL)
def two_parts_of_hold_back(scene):
    set_control(scene, "PART-HOLD-BACK=0.660", "PART-HOLD-BACK=0.500")


@in_scene("HOLD-BACK", LL)
def two_targets_of_hold_back(scene):
    set_control(scene, ",HOLD-BACK=3.000", ",HOLD-BACK=2.000")


@in_scene("CAN-SKIP-UNTIL", LL)
def skip_too_much(scene):
    set_control(scene, "CAN-SKIP-UNTIL=6.000", "CAN-SKIP-UNTIL=4.000")


@in_scene("BLOCK-RELOAD", LL)
def no_blocking(scene):
    set_control(scene, "CAN-BLOCK-RELOAD=YES", "CAN-BLOCK-RELOAD=NO")


@in_recording("HINT-THERE", LL)
def no_hints(recording, _):
    replace_all(recording, "^#EXT-X-PRELOAD-HINT.*\n", "", "video")


@in_recording("HINT-BECOMES-PART", LL)
def another_part_than_hinted(recording, _):
    replace(exchanges(recording, "playlist", "video")[-3], '^#EXT-X-PRELOAD-HINT:TYPE=PART,URI="', "\\g<0>x")


@in_recording("HINT-ANSWER", LL)
def the_hinted_part_does_not_come(recording, _):
    exchanges(recording, "hint", "video")[6].status = 503


@in_recording("HINT-WHOLE", LL)
def parts_trickle(recording, _):
    for e in exchanges(recording, "hint", "video"):
        e.head = e.first = e.done - 0.18


@in_recording("BLOCKING-STATUS", LL)
def a_blocked_request_is_refused(recording, _):
    exchanges(recording, "playlist", "video")[6].status = 400


@in_recording("BLOCKING-STATUS", LL)
def a_blocked_request_gives_up_early(recording, _):
    exchanges(recording, "playlist", "video")[6].status = 503


@in_recording("BLOCKING-CARRIES", LL)
def an_answer_too_early(recording, _):
    polls = exchanges(recording, "playlist", "video")
    polls[-3].body = polls[-4].body


@in_recording("BLOCKING-CARRIES", LL)
def a_whole_segment_too_early(recording, scene):
    for e in exchanges(recording, "probe", "video", "whole-segment"):
        e.body = str(Text(scene, scene.members[0], (e.about["msn"] - 100, 3))).encode()


@in_recording("BLOCKING-PAST-THE-END", LL)
def the_end_of_this_segment(recording, scene):
    for e in exchanges(recording, "probe", "video", "past-the-end"):
        e.body = str(Text(scene, scene.members[0], (e.about["msn"] - 99, 0))).encode()


@in_recording("BLOCKING-PAST-THE-END", LL)
def the_end_is_refused(recording, _):
    exchanges(recording, "probe", "video", "past-the-end")[0].status = 400


@in_recording("BLOCKING-PROMPT", LL)
def playlists_after_their_parts(recording, _):
    for e in exchanges(recording, "playlist", "video")[1:]:
        e.head, e.first, e.done = e.head + 0.17, e.first + 0.17, e.done + 0.17


@in_recording("BAD-DIRECTIVES", LL)
def a_part_of_nothing(recording, _):
    exchanges(recording, "probe", "video", "part-without-msn")[0].status = 200


@in_recording("BAD-DIRECTIVES", LL)
def not_a_number(recording, _):
    exchanges(recording, "probe", "video", "no-number")[0].status = 200


@in_recording("FAR-FUTURE", LL)
def it_waits_for_ever(recording, _):
    exchanges(recording, "probe", "video", "far-future")[0].status = 503


@in_recording("REPORT-THERE", LL)
def no_reports(recording, _):
    replace_all(recording, "^#EXT-X-RENDITION-REPORT.*\n", "", "video")


@in_recording("REPORT-URI", LL)
def a_report_of_another_host(recording, _):
    replace_all(recording, 'REPORT:URI="', 'REPORT:URI="http://synthetic/live/', "video")


@in_recording("REPORT-FRESH", LL)
def a_report_of_long_ago(recording, _):
    for e in exchanges(recording, "playlist", "video")[3:]:
        replace(e, r"LAST-MSN=(\d+)", lambda match: f"LAST-MSN={int(match[1]) - 1}")


@in_recording("REPORT-TRUE", LL)
def a_report_of_the_future(recording, _):
    for e in exchanges(recording, "playlist", "video"):
        replace(e, r"LAST-MSN=(\d+)", lambda match: f"LAST-MSN={int(match[1]) + 1}")


@in_recording("DELTA-STATUS", LL)
def no_delta(recording, _):
    exchanges(recording, "delta", "video")[1].status = 404


@in_recording("DELTA-EXPANDS", LL)
def one_more_is_skipped(recording, _):
    replace(exchanges(recording, "delta", "video")[-1], r"SKIPPED-SEGMENTS=(\d+)", lambda match: f"SKIPPED-SEGMENTS={int(match[1]) + 1}")


@in_recording("DELTA-EXPANDS", LL)
def a_delta_of_another_time(recording, _):
    replace(exchanges(recording, "delta", "video")[-1], r"DATE-TIME:(\S+)\.000Z", r"DATE-TIME:\1.004Z")


@in_scene("DELTA-OLD", LL)
def new_ones_are_skipped(scene):
    for member in scene.members:
        member.skip_until = 4


@in_recording("DELTA-SKIPS", LL)
def a_delta_that_is_none(recording, _):
    delta = exchanges(recording, "delta", "video")[-1]
    delta.body = next(e.body for e in exchanges(recording, "playlist", "video")
                      if e.about.get("msn") == delta.about["msn"] and e.about["part"] == delta.about["part"])


@in_recording("SKIP-UNASKED", LL)
def a_delta_for_everybody(recording, _):
    delta = exchanges(recording, "delta", "video")[-1]
    next(e for e in exchanges(recording, "playlist", "video")
         if e.about.get("msn") == delta.about["msn"] and e.about["part"] == delta.about["part"]).body = delta.body
