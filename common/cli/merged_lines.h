// MergedLines: which lines are said and which only counted, so that no peer fills a disk or hides what
// matters.
//
// The first line of a cause is said at once and opens a window of ten seconds. What comes within it is
// counted; at its end one line says so: "live/x: 10.0.0.7:50123 asked for it: no such stream (and 4,211 more
// in 10 s; last from 10.0.0.7:50124)". As long as there is something to say at the end, a new window follows;
// so a flood is one line in ten seconds, however long it lasts. What each deserves a line of its own, such as
// streams that begin, has some at once (Cause::at_once) before the others of its window are merged.
//
// Bounded: 64 causes (those beyond share one) of one line each. Pure but for its lock; any thread.
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

  // Counts a line. True: its text is wanted, see add(). False: it was counted, and that is all.
  bool count(const Cause& cause);
  // The text of a line that is wanted. Returned if it is to be said now; else it waits for its window's end.
  std::optional<Line> add(const Cause& cause, Line line);
  // What is due to be said.
  std::vector<Line> take_due();
  // All that was held back.
  std::vector<Line> take_all();
  // When take_due() has something to look at; none: nothing is held back.
  std::optional<Clock::time_point> next_due() const;

 private:
  struct Held {
    Clock::time_point until{};
    Line line;                 // the first of those that wait
    std::uint64_t number = 0;  // how many wait
    std::string last_from;
    std::uint32_t said = 0;  // lines of this window; the maximum while a flood goes on
  };

  Held& held(const Cause& cause);
  static Line sum_up(const Held& held);
  std::vector<Line> take_until(Clock::time_point time);

  const std::function<Clock::time_point()> now_;
  mutable std::mutex mutex_;
  std::map<std::string, Held, std::less<>> causes_;
};

}  // namespace srs::cli
