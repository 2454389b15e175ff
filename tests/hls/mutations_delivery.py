"""Breaks rules of answers over HTTP, and of keys."""

import subprocess

import synthetic
from mutations import exchanges, in_recording, in_scene, last_segment


def last_file(recording, scene):
    return next(e for e in exchanges(recording, "segment") if e.about["msn"] == last_segment(scene))


@in_recording("ANSWERS")
def no_answer(recording, _):
    exchanges(recording, "again-0.3")[0].status = 0


@in_recording("AVAILABLE")
def a_listed_segment_is_missing(recording, scene):
    last_file(recording, scene).status = 404


@in_recording("AVAILABLE", "low-latency")
def a_listed_part_is_missing(recording, _):
    exchanges(recording, "part")[0].status = 404


@in_recording("PLAYLIST-STAYS")
def a_playlist_goes(recording, _):
    exchanges(recording, "playlist")[-1].status = 404


@in_recording("WHOLE")
def half_a_segment(recording, scene):
    e = last_file(recording, scene)
    e.body, e.about["error"] = e.body[:1000], "the body ends early, after 1000 bytes"


@in_recording("REMOVED-STAYS")
def removed_too_early(recording, _):
    exchanges(recording, "again-0.3")[0].status = 404


@in_recording("SAME-BYTES")
def other_bytes_later(recording, _):
    e = exchanges(recording, "again-0.3")[0]
    e.body = e.body[:-1] + b"\1"


@in_recording("PLAYLIST-TYPE-HEADER")
def playlist_as_text(recording, _):
    for e in exchanges(recording, "playlist"):
        e.headers["content-type"] = "text/plain"


@in_recording("MEDIA-TYPE-HEADER")
def segments_as_bytes(recording, _):
    for e in exchanges(recording, "segment"):
        e.headers["content-type"] = "application/octet-stream"


@in_recording("MEDIA-TYPE-HEADER", "fmp4")
def init_section_as_bytes(recording, _):
    exchanges(recording, "init")[0].headers["content-type"] = "video/mp2t"


@in_recording("CORS")
def not_for_other_origins(recording, scene):
    del last_file(recording, scene).headers["access-control-allow-origin"]


@in_recording("PLAYLIST-CACHE")
def cached_for_a_minute(recording, _):
    exchanges(recording, "playlist")[3].headers["cache-control"] = "max-age=60"


@in_recording("SEGMENT-CACHE")
def cached_for_a_second(recording, _):
    exchanges(recording, "segment")[3].headers["cache-control"] = "max-age=1"


@in_recording("HEAD")
def head_of_another_length(recording, _):
    exchanges(recording, "probe", probe="head")[0].headers["content-length"] = "7"


@in_recording("HEAD")
def head_of_a_playlist_fails(recording, _):
    exchanges(recording, "probe", probe="head-playlist")[0].status = 405


@in_recording("RANGE")
def other_bytes_in_a_range(recording, _):
    exchanges(recording, "probe", probe="range")[1].body += b"\0"


@in_recording("RANGE")
def the_whole_for_a_range(recording, _):
    exchanges(recording, "probe", probe="range")[0].status = 200


@in_recording("RANGE")
def a_range_outside(recording, _):
    exchanges(recording, "probe", probe="range-outside")[0].status = 200


@in_recording("ETAG")
def sent_again(recording, _):
    exchanges(recording, "probe", probe="etag")[0].status = 200


@in_recording("GZIP", "low-latency")
def no_gzip(recording, _):
    del exchanges(recording, "probe", "video", "gzip")[0].headers["content-encoding"]


@in_recording("GZIP-PLAIN")
def no_gzip_of_a_plain_playlist(recording, _):
    del exchanges(recording, "probe", "av", "gzip")[0].headers["content-encoding"]


@in_recording("NOT-FOUND")
def everything_is_there(recording, _):
    exchanges(recording, "probe", probe="segment-that-cannot-come")[0].status = 200


@in_recording("NOT-FOUND", "low-latency")
def any_part_may_come(recording, _):
    exchanges(recording, "probe", probe="part-that-cannot-come")[0].status = 503


@in_scene("KEY-SIZE", "aes")
def a_short_key(scene):
    files = scene.members[0].files
    files["2.key"] = (files["2.key"][0][:15], files["2.key"][1])


@in_scene("KEY-DECRYPTS", "aes")
def the_wrong_key(scene):
    files = scene.members[0].files
    files["2.key"] = files["1.key"]


@in_scene("KEY-DECRYPTS", "aes")
def the_wrong_iv(scene):
    scene.members[0].at(107).key += f",IV=0x{1 << 127:032x}"


@in_scene("KEY-DECRYPTS", "aes-map")
def the_wrong_key_of_the_map(scene):
    files = scene.members[0].files
    files["map.key"] = files["1.key"]


@in_scene("KEY-PADDING", "aes")
def zeros_at_the_end(scene):
    one, clear = scene.members[0].at(107), synthetic.scene("ts").members[0].at(107).body
    key, iv = scene.members[0].files["2.key"][0].hex(), (107).to_bytes(16, "big").hex()
    one.body = subprocess.run(["openssl", "enc", "-aes-128-cbc", "-nopad", "-K", key, "-iv", iv], capture_output=True, check=True,
                              input=clear + bytes(-len(clear) % 16)).stdout


@in_scene("KEY-PADDING", "aes")
def a_byte_too_many(scene):
    scene.members[0].at(107).body += b"\0"


@in_scene("KEY-IV", "aes-map")
def no_iv_of_the_map(scene):
    for one in scene.members[0].segments:
        one.map_key = 'METHOD=AES-128,URI="map.key"'


@in_scene("KEY-IV", "aes-map")
def an_iv_too_long(scene):
    for one in scene.members[0].segments:
        one.key += "00"


@in_scene("KEY-TAG", "aes")
def an_unknown_method(scene):
    for one in scene.members[0].segments:
        one.key = one.key.replace("AES-128", "ROT-13")


@in_recording("KEY-OPEN", "aes")
def a_key_for_everybody(recording, _):
    exchanges(recording, "key")[0].headers["cache-control"] = "max-age=60"
