// Tracks that are missing, late, stop, or come back.
#include <doctest/doctest.h>

#include "unit/hls/cut/stream_rig.h"

namespace srs::hls {
namespace {

using namespace std::chrono_literals;
using Durations = std::vector<int>;

TEST_CASE("separate audio that pauses becomes silence, and keeps the sequence numbers of the video") {
  StreamRig f(true);
  f.headers();
  f.play(0, 4000);
  f.pictures(4000, 8000);
  f.play(8000, 12'000);
  f.end();
  REQUIRE(f.list().segments.size() == 6);
  REQUIRE(f.sound_list().segments.size() == 6);
  CHECK(f.sound_list().media_sequence == f.list().media_sequence);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK_FALSE(f.sound_list().segments[i].gap);
    const auto apart = f.sound_list().segments[i].program_date_time - f.list().segments[i].program_date_time;
    CHECK(std::chrono::abs(apart) <= 60ms);
    CHECK(std::chrono::abs(f.sound_list().segments[i].duration - 2000ms) <= 60ms);
  }
  CHECK(f.discontinuities() == 0);
}

TEST_CASE("separate audio without a known silent frame leaves gaps") {
  StreamRig f(true, &mp3);
  f.headers();
  f.play(0, 4000);
  f.pictures(4000, 8000);
  f.play(8000, 12'000);
  f.end();
  REQUIRE(f.list().segments.size() == 6);
  REQUIRE(f.sound_list().segments.size() == 6);
  CHECK(f.sound_list().media_sequence == f.list().media_sequence);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(f.sound_list().segments[i].gap == (i == 2 || i == 3));
    const auto apart = f.sound_list().segments[i].program_date_time - f.list().segments[i].program_date_time;
    CHECK(std::chrono::abs(apart) <= 40ms);
  }
  CHECK(f.sound_list().segments[2].duration == 2000ms);
}

TEST_CASE("separate audio that comes late begins with the sequence number of the video") {
  StreamRig f(true);
  f.take(video_header());
  for (std::int64_t at = 0; at < 4000; at += 40) f.take(at % 1000 == 0 ? key_frame(at) : picture(at));
  f.take(audio_header());
  f.play(4000, 8000);
  f.end();
  REQUIRE(!f.sound_list().segments.empty());
  CHECK(f.sound_list().next_sequence() == f.list().next_sequence());
}

TEST_CASE("audio alone is cut by time") {
  StreamRig f;
  f.take(audio_header());
  for (int at = 0; at < 5000; at += 20) f.take(sound(at));
  f.end();
  CHECK(f.durations() == Durations{2000, 2000, 1000});
}

TEST_CASE("audio from before the first picture is kept, up to a second of it") {
  StreamRig f;
  f.headers();
  f.take(sound(0));
  f.take(picture(10));  // nobody can decode it
  f.take(sound(1500));
  f.play(2000, 4000);
  f.end();
  CHECK(f.durations().front() == 2020 + 500);
}

TEST_CASE("video that MPEG-TS may not carry is left out, its audio goes on") {
  StreamRig f;
  f.take(audio_header());
  f.take(message_of(flv::TagType::video, 0, "90 68766331 00"));  // hvc1 sequence start
  for (int at = 0; at < 3000; at += 20) {
    f.take(message_of(flv::TagType::video, at, "91 68766331 000000 00000002 2601"));
    f.take(sound(at));
  }
  f.end();
  CHECK(f.durations() == Durations{2000, 1000});
}

TEST_CASE("an announced track without frames is excluded, and included when it comes") {
  for (const bool demuxed : {false, true}) {
    CAPTURE(demuxed);
    StreamRig f(demuxed);
    f.headers();
    f.pictures(0, 6'000);
    CHECK(f.presentation().video_info().has_value());
    CHECK_FALSE(f.presentation().audio_info().has_value());
    CHECK(f.multivariant().find("mp4a") == std::string::npos);
    CHECK(f.multivariant().find("TYPE=AUDIO") == std::string::npos);
    CHECK(f.presentation().ready(Reach::segments));
    f.play(6'000, 12'000);
    f.end();
    CHECK(f.presentation().audio_info().has_value());
    CHECK(f.multivariant().find("mp4a") != std::string::npos);
    CHECK((f.multivariant().find("TYPE=AUDIO") != std::string::npos) == demuxed);
    CHECK(f.discontinuities() == (demuxed ? 0 : 1));
    for (const int duration : f.durations()) CHECK(duration <= 2'040);
  }
}

TEST_CASE("sound that begins some hundred milliseconds after the picture is no discontinuity") {
  StreamRig f;
  f.headers();
  f.pictures(0, 800);
  f.play(1'000, 6'000);
  f.end();
  CHECK(f.discontinuities() == 0);
  CHECK(f.durations().front() == 2'000);
}

TEST_CASE("while pictures are late sound is cut by time, and they are taken in") {
  for (const bool demuxed : {false, true}) {
    CAPTURE(demuxed);
    StreamRig f(demuxed);
    f.headers();
    for (int at = 0; at < 20'000; at += 20) f.take(sound(at));
    CHECK_FALSE(f.presentation().video_info().has_value());
    f.play(20'000, 26'000);
    f.end();
    CHECK(f.presentation().video_info().has_value());
    const Playlist& list = demuxed ? f.sound_list() : f.list();
    CHECK(list.target_duration_s == 2);
    REQUIRE(list.segments.size() == 13);
    for (const Segment& segment : list.segments) CHECK(segment.duration <= 2'040ms);
    if (demuxed) CHECK(f.sound_list().next_sequence() == f.list().next_sequence());
    CHECK(f.discontinuities() == (demuxed ? 0 : 1));
    if (!demuxed) CHECK(f.list().segments[10].discontinuity);
  }
}

TEST_CASE("sound that stops is silence until it comes again") {
  StreamRig f;
  f.headers();
  f.play(0, 6'000);
  f.pictures(6'000, 12'000);
  CHECK(f.presentation().audio_info().has_value());
  f.play(12'000, 18'000);
  f.end();
  CHECK(f.discontinuities() == 0);
  CHECK(f.list().segments.size() == 9);
}

TEST_CASE(
    "sound that stops and nobody knows the silence of is left out at a key frame, and comes behind a "
    "discontinuity") {
  StreamRig f(false, &mp3);
  f.headers();
  f.play(0, 6'000);
  f.pictures(6'000, 12'000);
  CHECK_FALSE(f.presentation().audio_info().has_value());
  f.play(12'000, 18'000);
  f.end();
  CHECK(f.presentation().audio_info().has_value());
  CHECK(f.discontinuities() == 2);
  for (const Segment& segment : f.list().segments) CHECK(segment.independent);
}

TEST_CASE("pictures that stop are left out, and are back behind a discontinuity") {
  StreamRig f;
  f.headers();
  f.play(0, 6'000);
  for (int at = 6'000; at < 12'000; at += 20) f.take(sound(at));
  CHECK_FALSE(f.presentation().video_info().has_value());
  f.play(12'000, 18'000);
  f.end();
  CHECK(f.discontinuities() == 2);
  for (const int duration : f.durations()) CHECK(duration < 2'500);
}

TEST_CASE("a microphone that comes and goes does not cause a discontinuity each time") {
  StreamRig f(false, &mp3);
  f.headers();
  for (int i = 0; i < 60; ++i) {
    f.play(i * 6'000, i * 6'000 + 3'000);
    f.pictures(i * 6'000 + 3'000, i * 6'000 + 6'000);
  }
  f.end();
  CHECK(f.discontinuities() >= 1);
  CHECK(f.discontinuities() <= 6);
}

TEST_CASE("repeated codec headers are no frames") {
  StreamRig f;
  f.headers();
  for (int i = 0; i < 10; ++i) {
    f.headers();
    f.pictures(i * 1'000, i * 1'000 + 1'000);
  }
  CHECK_FALSE(f.presentation().audio_info().has_value());
}

}  // namespace
}  // namespace srs::hls
