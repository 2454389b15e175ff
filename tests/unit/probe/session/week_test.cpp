// A probe that watches a stream for a week, across timestamp wraps.
#include <doctest/doctest.h>

#include "srs-probe/report/findings.h"
#include "srs-probe/streams/stream.h"

using namespace srs;
using namespace srs::probe;

TEST_CASE("a week of even frames is healthy, with the rates of its first minute") {
  Stream stream({"live/x", {}, {}, {}});
  constexpr std::int64_t week_ms = 604'800'000, begin_ms = (std::int64_t{1} << 32) - week_ms / 2;
  const std::uint8_t record[] = {1, 2, 3};
  stream.track(TrackKind::video, 0).on_description({}, record);
  stream.track(TrackKind::audio, 0).on_description({}, record);
  WallMs now = 0;
  for (std::int64_t i = 0; i * 40 < week_ms; ++i, now += 40) {
    const std::int64_t at = begin_ms + i * 40;
    stream.on_frame(TrackKind::video, 0, {at, 80, 10'000, i % 50 == 0}, now);
    stream.on_frame(TrackKind::audio, 0, {at + 5, 0, 400, false}, now);
  }
  stream.on_end(StreamEnd::ended);
  CHECK(find_faults(stream).empty());
  const Track& video = *stream.first(TrackKind::video);
  CHECK(video.frames() == 15'120'000);
  CHECK(video.frame_rate() == doctest::Approx(25).epsilon(1e-9));
  CHECK(stream.duration_ms() == doctest::Approx(week_ms).epsilon(1e-9));
  CHECK(video.rate().average_bps(video.duration_ms()) == doctest::Approx(2'000'000).epsilon(1e-6));
  CHECK(video.rate().peak_bps() == doctest::Approx(2'000'000).epsilon(1e-6));
  // Pictures come 35 ms after the preceding audio, and 5 ms before the following.
  CHECK(stream.skew().average_ms() == doctest::Approx(15).epsilon(1e-3));
  CHECK(video.gops().duration_ms().average() == doctest::Approx(2'000));
}
