#include "srs-hls/tracks/frame_interval.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace srs::hls {

double frame_interval_ms(const std::deque<Frame>& frames, Track track) {
  std::vector<std::int64_t> gaps;
  std::optional<std::int64_t> before;
  for (const Frame& frame : frames) {
    if (frame.track != track) continue;
    if (before && frame.time.dts_ms > *before) gaps.push_back(frame.time.dts_ms - *before);
    before = frame.time.dts_ms;
  }
  if (gaps.empty()) return 0;
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  const std::int64_t usual = *middle;
  std::int64_t sum = 0, count = 0;
  for (const std::int64_t gap : gaps) {
    if (gap > 2 * usual) continue;
    sum += gap;
    ++count;
  }
  return static_cast<double>(sum) / static_cast<double>(count);
}

}  // namespace srs::hls
