// RoundTime: how long a round of a worker's loop takes.
//
// What an event costs depends little on how much it brings: a read or a send of three messages costs about as
// much as one of a single message. A worker that has time handles each event at once. One that nears its
// limit works in rounds with a rest at the end of each, in which events gather: it trades latency for streams
// and players, as little as it has to.
#pragma once

#include <algorithm>
#include <chrono>

namespace srs::relay {

class RoundTime {
 public:
  using Time = std::chrono::duration<double, std::milli>;
  // Up to `easy` there are no rounds; at `heavy` they take `moderate` time, at `full` `longest`.
  static constexpr double easy = 0.6, heavy = 0.8, full = 0.87;
  static constexpr Time moderate{40}, longest{200};
  // How often the load is to be added.
  static constexpr std::chrono::milliseconds interval{50};

  // load: of the worker's thread during the last interval, 0 to 1.
  void add(double load) { time_ += (wanted(load) - time_) / 4; }
  // Of a round of this time it works as long, at most.
  static constexpr std::chrono::microseconds work_in(std::chrono::microseconds time) { return time * 7 / 8; }
  // 0: no rounds.
  std::chrono::microseconds get() const {
    const auto time = std::chrono::round<std::chrono::microseconds>(time_);
    return time < shortest ? std::chrono::microseconds(0) : time;
  }

 private:
  // To fall asleep costs something, too.
  static constexpr std::chrono::milliseconds shortest{2};

  static Time wanted(double load) {
    if (load <= heavy) return moderate * std::max(0.0, (load - easy) / (heavy - easy));
    return moderate + (longest - moderate) * std::min(1.0, (load - heavy) / (full - heavy));
  }

  Time time_{0};
};

}  // namespace srs::relay
