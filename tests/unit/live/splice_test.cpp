#include "live/splice.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "unit/live/splice_samples.h"

using namespace srs::media;

TEST_CASE("the first source passes as it is") {
  Spliced spliced;
  spliced.switch_at(0);
  spliced.play({}, 10'000, 12'000);
  CHECK(spliced.times(TagType::video) == steps(10'000, 12'000));
  CHECK(spliced.discontinuities() == 0);
}

TEST_CASE("the same stream from another origin goes on with the very next frame") {
  Spliced spliced;
  spliced.switch_at(10'000);
  spliced.play({}, 10'000, 12'520);
  spliced.switch_at(12'600);
  spliced.play({}, 12'000, 12'600, 12'600);  // its GOP cache, at once
  spliced.play({}, 12'600, 14'000);
  CHECK(spliced.times(TagType::video) == steps(10'000, 14'000));
  CHECK(spliced.times(TagType::audio) == steps(10'005, 14'005));
  CHECK(spliced.discontinuities() == 0);
}

TEST_CASE("a gap without common frames goes on at the next key frame, on the same timeline") {
  Spliced spliced;
  spliced.switch_at(10'000);
  spliced.play({}, 10'000, 12'520);
  spliced.switch_at(16'200);
  spliced.play({}, 16'000, 16'200, 16'200);
  spliced.play({}, 16'200, 17'000);
  auto wanted = steps(10'000, 12'520);
  for (const auto time : steps(16'000, 17'000)) wanted.push_back(time);
  CHECK(spliced.times(TagType::video) == wanted);
  CHECK(spliced.discontinuities() == 0);
}

TEST_CASE("an origin that counts from 0 is aligned by a key frame that both have") {
  Spliced spliced;
  spliced.switch_at(100'000);
  spliced.play({}, 100'000, 102'520);
  spliced.switch_at(102'600);
  const Source from_zero{.shift_ms = -102'000};
  spliced.play(from_zero, 102'000, 102'600, 102'600);
  spliced.play(from_zero, 102'600, 104'000);
  CHECK(spliced.times(TagType::video) == steps(100'000, 104'000));
  CHECK(spliced.discontinuities() == 0);
}

TEST_CASE("another encoder on the same timeline goes on at a key frame that is new") {
  Spliced spliced;
  spliced.switch_at(10'000);
  spliced.play({}, 10'000, 12'520);
  spliced.switch_at(12'600);
  const Source other{.content = 1};
  spliced.play(other, 12'000, 12'600, 12'600);
  spliced.play(other, 12'600, 14'000);
  auto wanted = steps(10'000, 12'520);
  for (const auto time : steps(13'000, 14'000)) wanted.push_back(time);
  CHECK(spliced.times(TagType::video) == wanted);
  CHECK(spliced.discontinuities() == 0);
}

TEST_CASE("another timeline continues at once, after a discontinuity, later by the time that passed") {
  Spliced spliced;
  spliced.switch_at(100'000);
  spliced.play({}, 100'000, 102'520);
  spliced.switch_at(103'480);
  const Source other{.shift_ms = -100'000, .content = 1};
  spliced.play(other, 103'000, 104'000, 103'480);
  const auto times = spliced.times(TagType::video);
  const auto before = steps(100'000, 102'520).size();
  REQUIRE(times.size() == before + 25);
  // The newest earlier timestamp, of audio, was 102'485 at the wall time 102'480.
  CHECK(times[before] == 102'485 + 1'000);
  CHECK(spliced.discontinuities() == 1);
  CHECK(std::is_sorted(times.begin(), times.end()));
}

TEST_CASE("a source that stays behind is not waited for") {
  Spliced spliced;
  spliced.switch_at(20'000);
  spliced.play({}, 20'000, 22'520);
  // Started 12 s later than the first: its times seem to fit, but it is behind for good.
  const Source late{.shift_ms = -12'000, .content = 1};
  spliced.switch_at(22'600);
  spliced.play(late, 22'000, 22'600, 22'600);
  spliced.play(late, 22'600, 26'000);
  const auto times = spliced.times(TagType::video);
  CHECK(spliced.discontinuities() == 1);
  CHECK(std::is_sorted(times.begin(), times.end()));
  CHECK(times.back() > 25'500);
}

TEST_CASE("a source that begins with old frames is not waited for") {
  Spliced spliced;
  spliced.switch_at(0);
  spliced.play({}, 0, 25'000);
  // Its publisher started over, with the same first pictures at the same times.
  spliced.switch_at(26'000);
  for (std::int64_t time = 0; time < 8'000; time += frame_ms)
    spliced.play({}, time, time + frame_ms, 26'000 + time);
  const auto times = spliced.times(TagType::video);
  CHECK(spliced.discontinuities() == 1);
  CHECK(std::is_sorted(times.begin(), times.end()));
  CHECK(times.back() > 33'000);
}

TEST_CASE("a source of the same content that is seconds behind is waited for") {
  Spliced spliced;
  spliced.switch_at(10'000);
  spliced.play({}, 10'000, 16'000);
  spliced.switch_at(16'000);
  for (std::int64_t time = 12'000; time < 18'000; time += frame_ms)
    spliced.play({}, time, time + frame_ms, 4'000 + time);
  CHECK(spliced.times(TagType::video) == steps(10'000, 18'000));
  CHECK(spliced.discontinuities() == 0);
}

TEST_CASE("audio alone goes on where it was") {
  Spliced spliced;
  spliced.switch_at(10'000);
  const auto play = [&](std::int64_t from_ms, std::int64_t to_ms) {
    for (std::int64_t time = from_ms; time < to_ms; time += frame_ms)
      spliced.splice.push(sample_audio(time), spliced.zero + milliseconds(time), spliced.out);
  };
  play(10'000, 12'000);
  spliced.switch_at(12'000);
  play(11'000, 13'000);
  CHECK(spliced.times(TagType::audio) == steps(10'000, 13'000));
}

TEST_CASE("headers are repeated only if they changed") {
  Spliced spliced;
  spliced.switch_at(0);
  const auto push = [&](Message message) {
    spliced.splice.push(std::move(message), spliced.zero, spliced.out);
  };
  push(sample_script("onMetaData", 0));
  push(sample_header(TagType::video, 0, 1));
  push(sample_video(true, 0, 2'000));
  const auto before = spliced.out.size();
  CHECK(before == 3);
  spliced.switch_at(0);
  push(sample_script("onMetaData", 0));
  push(sample_header(TagType::video, 0, 1));
  push(sample_video(true, 0, 2'000));
  CHECK(spliced.out.size() == before);
  push(sample_header(TagType::video, 40, 2));
  CHECK(spliced.out.size() == before + 1);
}

TEST_CASE("the clock goes on in the stream's time, once") {
  Spliced spliced;
  const auto clock = [&](std::int64_t time_ms) {
    return make_message(TagType::script, time_ms, encode_on_clock(std::chrono::system_clock::now()));
  };
  const auto count = [&] {
    std::size_t clocks = 0;
    for (const Message& message : spliced.out) clocks += decode_on_clock(message.payload.bytes()).has_value();
    return clocks;
  };
  spliced.switch_at(100'000);
  spliced.splice.push(clock(100'000), spliced.zero, spliced.out);
  spliced.play({}, 100'000, 102'000);
  spliced.switch_at(102'000);
  const Source from_zero{.shift_ms = -100'000};
  spliced.splice.push(clock(1'000), spliced.zero + milliseconds(102'000), spliced.out);
  spliced.play(from_zero, 101'000, 103'000, 102'000);
  CHECK(count() == 1);
  spliced.splice.push(clock(3'000), spliced.zero + milliseconds(103'000), spliced.out);
  CHECK(count() == 2);
  CHECK(spliced.out.back().timestamp_ms == 103'000);
}

TEST_CASE("timelines of the same name are one, however long the gap; of different names, never") {
  for (const bool same : {true, false}) {
    CAPTURE(same);
    Spliced spliced;
    spliced.splice.begin_source(spliced.zero, "a");
    spliced.play({}, 10'000, 12'000);
    const auto before = spliced.times(TagType::video).size();
    // By the times alone: another timeline, 48 s ahead; or the same.
    spliced.splice.begin_source(spliced.zero + milliseconds(12'100), same ? "a" : "b");
    const std::int64_t next_ms = same ? 60'000 : 12'000;
    spliced.play({.content = 1}, next_ms, next_ms + 1'000, 12'100);
    CHECK(spliced.discontinuities() == (same ? 0 : 1));
    REQUIRE(spliced.times(TagType::video).size() == before + 25);
    if (same) CHECK(spliced.times(TagType::video)[before] == 60'000);
  }
}

TEST_CASE("a timeline that the stream joined after another continues there when it is lost and returns") {
  Spliced spliced;
  spliced.splice.begin_source(spliced.zero, "a");
  spliced.play({}, 100'000, 102'000);
  // Its publisher was restarted: another timeline, from 0 on.
  spliced.splice.begin_source(spliced.zero + milliseconds(2'100), "b");
  spliced.play({.content = 1}, 0, 2'000, 2'100);
  CHECK(spliced.discontinuities() == 1);
  const auto before = spliced.times(TagType::video).size();
  const std::int64_t newest_ms = spliced.times(TagType::video).back();
  // The connection breaks; the source repeats this second.
  spliced.splice.begin_source(spliced.zero + milliseconds(4'200), "b");
  spliced.play({.content = 1}, 1'000, 4'000, 4'200);
  CHECK(spliced.discontinuities() == 1);
  REQUIRE(spliced.times(TagType::video).size() == before + 50);
  CHECK(spliced.times(TagType::video)[before] == newest_ms + 40);
}

TEST_CASE("a timeline that the stream never joined does not count as its own") {
  Spliced spliced;
  spliced.splice.begin_source(spliced.zero, "a");
  spliced.play({}, 100'000, 102'000);
  spliced.splice.begin_source(spliced.zero + milliseconds(2'100), "b");
  spliced.splice.begin_source(spliced.zero + milliseconds(2'200), "b");
  const auto before = spliced.times(TagType::video).size();
  spliced.play({.content = 1}, 0, 1'000, 2'200);
  CHECK(spliced.discontinuities() == 1);
  CHECK(spliced.times(TagType::video).size() == before + 25);
}

TEST_CASE("the place where sources go on is that of the track that is behind, in the source's own time") {
  Spliced spliced;
  CHECK_FALSE(spliced.splice.place());
  spliced.splice.begin_source(spliced.zero, "a");
  CHECK_FALSE(spliced.splice.place());
  spliced.play({}, 10'000, 12'520);
  REQUIRE(spliced.splice.place());
  CHECK(spliced.splice.place()->time_ms == 12'480);  // the last picture; sound is 5 ms ahead
  CHECK(spliced.splice.place()->timeline == "a");

  // The same pictures on another timeline, then more of them.
  spliced.splice.begin_source(spliced.zero + milliseconds(12'600), "b");
  const Source shifted{.shift_ms = 500'000};
  spliced.play(shifted, 12'000, 12'600, 12'600);
  spliced.play(shifted, 12'600, 14'000);
  CHECK(spliced.times(TagType::video) == steps(10'000, 14'000));
  REQUIRE(spliced.splice.place());
  CHECK(spliced.splice.place()->time_ms == 513'960);
  CHECK(spliced.splice.place()->timeline == "b");

  // A track that stopped is not waited for.
  for (std::int64_t time = 14'000; time < 17'000; time += frame_ms)
    spliced.splice.push(shifted.video(time), spliced.zero + milliseconds(time), spliced.out);
  CHECK(spliced.splice.place()->time_ms == 516'960);
}
