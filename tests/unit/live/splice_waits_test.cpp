// What a Splice waits for, and for how long: sources that lack a track, a key frame, or sane timestamps.
#include <doctest/doctest.h>

#include <algorithm>

#include "unit/live/splice_samples.h"

using namespace srs::media;
using std::chrono::seconds;

namespace {

// Picture and sound until 12 s, then the next source at 12.5 s.
Spliced lost_at_12s() {
  Spliced spliced;
  spliced.switch_at(10'000);
  spliced.play({}, 10'000, 12'000);
  spliced.switch_at(12'500);
  return spliced;
}

// The messages forwarded for frames in [from, to), in real time, each made by `make`.
template <class Make>
std::vector<std::int64_t> play(Spliced& spliced, std::int64_t from_ms, std::int64_t to_ms, Make make) {
  const std::size_t before = spliced.out.size();
  for (std::int64_t time = from_ms; time < to_ms; time += frame_ms)
    spliced.splice.push(make(time), spliced.zero + milliseconds(time), spliced.out);
  std::vector<std::int64_t> times;
  for (std::size_t i = before; i < spliced.out.size(); ++i)
    if (spliced.out[i].type != TagType::script) times.push_back(spliced.out[i].timestamp_ms);
  return times;
}

}  // namespace

TEST_CASE("a source that returns with sound alone is forwarded within a second, and nothing is lost") {
  for (const std::int64_t shift_ms : {0, -12'000}) {
    CAPTURE(shift_ms);
    Spliced spliced = lost_at_12s();
    const auto times =
        play(spliced, 12'500, 15'500, [&](std::int64_t time) { return sample_audio(time + shift_ms); });
    if (shift_ms == 0) CHECK(times.size() == 75);
    CHECK(times.size() >= 50);
    CHECK(std::is_sorted(times.begin(), times.end()));
    CHECK(spliced.discontinuities() == (shift_ms == 0 ? 0 : 1));
  }
}

TEST_CASE("the clock of a source that returns with a picture alone is forwarded, too") {
  Spliced spliced = lost_at_12s();
  const Source source;
  const auto times = play(spliced, 13'000, 16'000, [&](std::int64_t time) { return source.video(time); });
  CHECK(times.size() == 75);
  const std::size_t before = spliced.out.size();
  spliced.splice.push(
      make_message(TagType::script, 16'000, encode_on_clock(std::chrono::system_clock::now())),
      spliced.zero + milliseconds(16'000), spliced.out);
  CHECK(spliced.out.size() == before + 1);
}

TEST_CASE("a late picture begins with a key frame") {
  Spliced spliced = lost_at_12s();
  play(spliced, 12'500, 14'500, [](std::int64_t time) { return sample_audio(time); });
  const auto before = spliced.times(TagType::video).size();
  spliced.play({.content = 1}, 14'520, 16'000);
  const auto times = spliced.times(TagType::video);
  REQUIRE(times.size() == before + 25);
  CHECK(times[before] == 15'000);
  CHECK(spliced.discontinuities() == 0);
}

TEST_CASE("a source without any key frame goes on after ten seconds") {
  Spliced spliced = lost_at_12s();
  const auto times =
      play(spliced, 12'500, 25'000, [](std::int64_t time) { return sample_video(false, time, 100); });
  CHECK(times.size() > 50);
  CHECK(std::is_sorted(times.begin(), times.end()));
}

TEST_CASE("a source that claims the same timeline and stays behind is not waited for") {
  Spliced spliced;
  spliced.splice.begin_source(spliced.zero, "a");
  spliced.play({}, 100'000, 102'000);
  spliced.splice.begin_source(spliced.zero + milliseconds(102'000), "a");
  const auto before = spliced.times(TagType::video).size();
  for (std::int64_t time = 10'000; time < 30'000; time += frame_ms)
    spliced.play({.content = 1}, time, time + frame_ms, 92'000 + time);
  CHECK(spliced.times(TagType::video).size() > before + 200);
  CHECK(spliced.discontinuities() == 1);
}

TEST_CASE("timestamps that stand still do not silence the stream") {
  Spliced spliced = lost_at_12s();
  const Source source{.content = 1};
  std::size_t passed = 0;
  for (std::int64_t at = 12'500; at < 30'000; at += frame_ms) {
    const std::size_t before = spliced.out.size();
    spliced.splice.push(source.video(11'000), spliced.zero + milliseconds(at), spliced.out);
    passed += spliced.out.size() - before;
  }
  CHECK(passed > 200);
}

TEST_CASE("headers and scripts without a frame do not accumulate") {
  Spliced spliced = lost_at_12s();
  const std::size_t before = spliced.out.size();
  const auto push = [&](Message message, std::int64_t at_ms) {
    spliced.splice.push(std::move(message), spliced.zero + milliseconds(at_ms), spliced.out);
  };
  const std::vector<std::uint8_t> large(1u << 19, 'x');
  for (int i = 0; i < 10'000; ++i) {
    push(sample_header(TagType::video, 13'000, static_cast<std::uint8_t>(i)), 13'000);
    push(make_message(TagType::script, 13'000, srs::Slice::copy_of(large)), 13'000);
  }
  CHECK(spliced.out.size() == before);
  CHECK(spliced.splice.held_bytes() <= (17u << 20));
  spliced.play({}, 13'000, 14'000);
  CHECK(spliced.times(TagType::video).back() == 13'960);
}
