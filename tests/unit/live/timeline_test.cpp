#include "live/timeline.h"

#include <doctest/doctest.h>

using namespace srs;
using srs::flv::TagType;
using std::chrono::milliseconds;

namespace {

constexpr auto video = TagType::video;
constexpr auto audio = TagType::audio;
constexpr auto script = TagType::script;

std::int64_t at(live::Timeline& timeline, TagType type, std::int64_t source_ms) {
  const auto mapped = timeline.map(type, source_ms);
  CHECK_FALSE(mapped.discontinuity);
  return mapped.timestamp_ms;
}

}  // namespace

TEST_CASE("the first source keeps its timestamps") {
  live::Timeline timeline;
  CHECK(timeline.newest() == -1);
  CHECK(at(timeline, video, 1'000'000) == 1'000'000);
  CHECK(at(timeline, audio, 1'000'003) == 1'000'003);
  CHECK(at(timeline, video, 1'000'040) == 1'000'040);
  CHECK(at(timeline, audio, 1'000'026) == 1'000'026);
  CHECK(timeline.newest() == 1'000'040);
}

TEST_CASE("negative timestamps become 0 at the start, and stay in step after it") {
  live::Timeline timeline;
  CHECK(at(timeline, video, -40) == 0);
  CHECK(at(timeline, video, 0) == 40);
  CHECK(at(timeline, audio, -50) == 0);
}

TEST_CASE("a source that comes back goes on after the silence") {
  live::Timeline timeline;
  at(timeline, video, 5000);
  at(timeline, audio, 5010);
  timeline.restart(milliseconds(700));
  const auto first = timeline.map(video, 0);
  CHECK(first.discontinuity);
  CHECK(first.timestamp_ms == 5710);
  CHECK(at(timeline, audio, 0) == 5710);
  CHECK(at(timeline, video, 40) == 5750);
}

TEST_CASE("timestamps advance even if no wall time passed, or it went backwards") {
  live::Timeline timeline;
  at(timeline, video, 100);
  timeline.restart(milliseconds(-5));
  CHECK(timeline.map(video, 100).timestamp_ms == 101);
}

TEST_CASE("a restart before the first message means nothing") {
  live::Timeline timeline;
  timeline.restart(milliseconds(5000));
  CHECK(at(timeline, video, 7) == 7);
}

TEST_CASE("a small step back is held, per track") {
  live::Timeline timeline;
  at(timeline, video, 1000);
  CHECK(at(timeline, video, 500) == 1000);
  CHECK(at(timeline, audio, 700) == 700);
  CHECK(at(timeline, video, 1040) == 1040);
}

TEST_CASE("a jump back or far ahead starts a new mapping") {
  live::Timeline timeline;
  at(timeline, video, 100'000);
  at(timeline, audio, 100'000);
  auto mapped = timeline.map(video, 0);
  CHECK(mapped.discontinuity);
  CHECK(mapped.timestamp_ms == 100'001);
  CHECK(at(timeline, audio, 3) == 100'004);
  mapped = timeline.map(audio, 40'000);
  CHECK(mapped.discontinuity);
  CHECK(mapped.timestamp_ms == 100'005);
}

TEST_CASE("a pause of 30 s is not a jump") {
  live::Timeline timeline;
  at(timeline, video, 0);
  CHECK(at(timeline, video, 30'000) == 30'000);
  CHECK(timeline.map(video, 60'001).discontinuity);
}

TEST_CASE("tracks that lie seconds apart keep their timestamps") {
  live::Timeline timeline;
  for (std::int64_t time = 0; time < 60'000; time += 500) {
    CHECK(at(timeline, video, time + 8'000) == time + 8'000);
    CHECK(at(timeline, audio, time) == time);
  }
}

TEST_CASE("a jump while the other track still has old messages: nothing leaps ahead or goes back") {
  live::Timeline timeline;
  at(timeline, video, 10'000);
  at(timeline, audio, 9'990);
  std::int64_t last = 10'000;
  for (const auto& [type, time] :
       {std::pair{video, 0}, {audio, 10'010}, {video, 40}, {audio, 45}, {video, 80}}) {
    const auto mapped = timeline.map(type, time);
    CHECK(mapped.timestamp_ms >= last);
    CHECK(mapped.timestamp_ms <= last + 100);
    last = mapped.timestamp_ms;
  }
}

TEST_CASE("one track may be silent for long while the other continues") {
  live::Timeline timeline;
  at(timeline, audio, 0);
  for (std::int64_t time = 0; time < 100'000; time += 40) at(timeline, video, time);
  CHECK(at(timeline, audio, 100'000) == 100'000);
}

TEST_CASE("script tags follow the media's time, whatever their own timestamps") {
  live::Timeline timeline;
  CHECK(at(timeline, script, 77) == 0);
  at(timeline, video, 50'000);
  CHECK(at(timeline, script, 50'000) == 50'000);
  CHECK(at(timeline, script, 0) == 50'000);
  CHECK(at(timeline, script, 4'000'000'000) == 50'000);
  timeline.restart(milliseconds(1000));
  CHECK(at(timeline, script, 0) == 50'000);
  CHECK(timeline.map(video, 0).timestamp_ms == 51'000);
}

TEST_CASE("script tags do not go back behind one that came before the next source's media") {
  live::Timeline timeline;
  at(timeline, video, 50'000);
  timeline.restart(milliseconds(1));
  CHECK(at(timeline, script, 0) == 50'000);
  CHECK(timeline.map(video, 7'000).timestamp_ms == 50'001);
  CHECK(at(timeline, script, 0) == 50'000);
}
