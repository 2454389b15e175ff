"""Breaks rules of multivariant playlists and of their members."""

import re

import synthetic
from mutations import in_scene


def set_attribute(scene, pattern, new):
    """In the first EXT-X-STREAM-INF."""
    attributes, name = scene.streams[0]
    changed, times = re.subn(pattern, new, attributes)
    if times != 1:
        raise ValueError(f"{pattern} in {attributes}")
    scene.streams[0] = (changed, name)


@in_scene("BANDWIDTH")
def less_than_the_peak(scene):
    set_attribute(scene, r"^BANDWIDTH=\d+", "BANDWIDTH=100000")


@in_scene("BANDWIDTH", "low-latency")
def without_the_sound(scene):
    only = synthetic.stream_inf(scene.members[:1]).split(",")[0]
    set_attribute(scene, r"^BANDWIDTH=\d+", only)


@in_scene("AVERAGE-BANDWIDTH")
def a_tenth_of_the_average(scene):
    set_attribute(scene, r"AVERAGE-BANDWIDTH=(\d+)\d", r"AVERAGE-BANDWIDTH=\1")


@in_scene("CODECS")
def another_level(scene):
    set_attribute(scene, "42c01e", "42c01f")


@in_scene("CODECS", "low-latency")
def no_codec_of_the_sound(scene):
    set_attribute(scene, ",mp4a.40.2", "")


@in_scene("RESOLUTION")
def another_size(scene):
    set_attribute(scene, "320x176", "320x180")


@in_scene("FRAME-RATE")
def another_rate(scene):
    set_attribute(scene, "FRAME-RATE=10.000", "FRAME-RATE=12.000")


@in_scene("FRAME-RATE-THERE")
def no_rate(scene):
    set_attribute(scene, ",FRAME-RATE=10.000", "")


@in_scene("GROUPS", "low-latency")
def a_rendition_without_name(scene):
    scene.renditions[0] = scene.renditions[0].replace(',NAME="sound"', "")


@in_scene("GROUPS")
def a_group_that_is_not_there(scene):
    set_attribute(scene, "$", ',SUBTITLES="none"')


@in_scene("MEMBERS")
def a_variant_without_playlist(scene):
    scene.streams.append((scene.streams[0][0], "gone"))


@in_scene("LADDER-TARGETDURATION", "ladder")
def another_target(scene):
    scene.members[1].target = 2


def with_bounds(scene, bounds):
    scene.members[1] = synthetic.ts_member("low", bounds=bounds)


@in_scene("LADDER-SEQUENCE", "ladder")
def a_segment_behind(scene):
    with_bounds(scene, range(1, synthetic.COUNT + 2))


@in_scene("LADDER-ALIGNED", "ladder")
def other_boundaries(scene):
    with_bounds(scene, [i + 0.3 for i in range(synthetic.COUNT + 1)])


@in_scene("LADDER-DISCONTINUITY", "ladder")
def a_discontinuity_later(scene):
    low = scene.members[1]
    low.at(102).discontinuity, low.at(103).discontinuity = False, True
