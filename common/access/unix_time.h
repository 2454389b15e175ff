// Times as URLs and tokens write them: seconds since 1970. What no UtcTime can hold (they end in 2262) counts
// as the last or the first one that can be. Pure functions; any thread.
#pragma once

#include <chrono>
#include <cstdint>

#include "access/question.h"

namespace srs::access {

inline UtcTime time_of_seconds(std::int64_t seconds) {
  using std::chrono::floor;
  constexpr auto last = floor<std::chrono::seconds>(UtcTime::max().time_since_epoch()).count();
  constexpr auto first = -last;
  if (seconds > last) return UtcTime::max();
  if (seconds < first) return UtcTime::min();
  return UtcTime(std::chrono::seconds(seconds));
}

// Of a number with a fraction; not for NaN.
inline UtcTime time_of_seconds(double seconds) {
  constexpr double beyond = 9.2e9;
  if (seconds >= beyond) return UtcTime::max();
  if (seconds <= -beyond) return UtcTime::min();
  return UtcTime(std::chrono::duration_cast<UtcTime::duration>(std::chrono::duration<double>(seconds)));
}

// time + step, or the last or the first time.
inline UtcTime shifted(UtcTime time, std::chrono::seconds step) {
  if (step.count() > 0 && time > UtcTime::max() - step) return UtcTime::max();
  if (step.count() < 0 && time < UtcTime::min() - step) return UtcTime::min();
  return time + step;
}

}  // namespace srs::access
