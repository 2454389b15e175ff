// MergedLines decides which lines are written and which are only counted, so that no peer can fill a disk or
// hide what matters.
//
// The first line of a cause is written at once and opens a window of ten seconds. Later lines in the window
// are counted, and one line at its end sums them up: "live/x: 10.0.0.7:50123 asked for it: no such stream
// (and 4,211 more in 10 s; last from 10.0.0.7:50124)". If there was anything to sum up, a new window follows;
// so a flood is one line every ten seconds, however long it lasts. Events that deserve a line each, such as
// the start of a stream, get several immediate lines (Cause::burst) before the rest of their window is
// merged.
//
// Bounded: 64 causes (those beyond share one) of one line each. Pure apart from its lock; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/log.h"

namespace srs::cli {

class MergedLines {
 public:
  using Clock = std::chrono::steady_clock;
  struct Line {
    LogLevel level = LogLevel::warning;
    std::string text;
  };

  static constexpr std::chrono::seconds window{10};
  static constexpr std::size_t max_causes = 64;

  // now: a clock that tests turn.
  explicit MergedLines(std::function<Clock::time_point()> now = Clock::now) : now_(std::move(now)) {}

  // Counts a line. True: its text is needed, see add(). False: it was only counted.
  bool count(const Cause& cause);
  // The text of a line that count() asked for. Returned if it should be written now; else it waits for the
  // end of its window.
  std::optional<Line> add(const Cause& cause, Line line);
  // The lines that are due.
  std::vector<Line> pop_due();
  // All lines that were held back.
  std::vector<Line> pop_all();
  // When pop_due() has lines next; none: nothing is held back.
  std::optional<Clock::time_point> next_due() const;

 private:
  struct Held {
    Clock::time_point until{};
    Line line;                  // the first that waits
    std::uint64_t pending = 0;  // how many wait
    std::string last_from;
    std::uint32_t written = 0;  // lines of this window; the maximum during a flood
  };

  Held& held(const Cause& cause);
  static Line sum_up(const Held& held);
  std::vector<Line> pop_until(Clock::time_point time);

  const std::function<Clock::time_point()> now_;
  mutable std::mutex mutex_;
  std::map<std::string, Held, std::less<>> causes_;
};

}  // namespace srs::cli
