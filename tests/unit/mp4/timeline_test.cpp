#include "mp4/timeline.h"

#include <doctest/doctest.h>

#include <vector>

namespace srs::mp4 {
namespace {

// Fragments of pictures: where each begins and ends in the file if the next picture is not known.
struct Fragment {
  std::int64_t begin = 0, end = 0;
};

std::vector<Fragment> fragments_of(VideoTimeline& timeline,
                                   const std::vector<std::vector<std::int64_t>>& parts) {
  std::vector<Fragment> fragments;
  for (const auto& part : parts) {
    Fragment fragment{timeline.place(part.front()).decode_time, 0};
    std::int64_t last = fragment.begin;
    for (std::size_t i = 1; i < part.size(); ++i) last = timeline.place(part[i]).decode_time;
    fragment.end = last + timeline.finish(std::nullopt);
    fragments.push_back(fragment);
  }
  return fragments;
}

TEST_CASE("a hole between two fragments is corrected within the second one") {
  constexpr std::int64_t frame = 3'600, hole = 40'000;
  VideoTimeline timeline;
  std::vector<std::vector<std::int64_t>> parts;
  for (std::int64_t part = 0; part < 6; ++part) {
    parts.emplace_back();
    for (std::int64_t i = 0; i < 5; ++i)
      parts.back().push_back((part * 5 + i) * frame + (part >= 2 ? hole : 0));
  }
  const auto fragments = fragments_of(timeline, parts);
  for (std::size_t i = 1; i < fragments.size(); ++i) CHECK(fragments[i].begin == fragments[i - 1].end);
  for (std::size_t i = 0; i < fragments.size(); ++i) {
    CAPTURE(i);
    const auto end = static_cast<std::int64_t>(i + 1) * 5 * frame + (i >= 2 ? hole : 0);
    CHECK(fragments[i].end == end);
  }
}

TEST_CASE("a hole inside a fragment keeps the promised end right") {
  VideoTimeline timeline;
  const auto fragments =
      fragments_of(timeline, {{0, 3'600, 7'200}, {10'800, 14'400, 58'000}, {61'600, 65'200}});
  CHECK(fragments[1].end == 61'600);
  CHECK(fragments[2].begin == 61'600);
  CHECK(fragments[2].end == 68'800);
}

TEST_CASE("fragments of one picture each, and pictures whose rate halves") {
  VideoTimeline timeline;
  const auto fragments = fragments_of(timeline, {{0}, {90'000}, {180'000}, {360'000}, {540'000}, {720'000}});
  for (std::size_t i = 1; i < fragments.size(); ++i) CHECK(fragments[i].begin == fragments[i - 1].end);
  CHECK(fragments.back().end == 900'000);
}

}  // namespace
}  // namespace srs::mp4
