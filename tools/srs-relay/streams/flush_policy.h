// FlushPolicy: when new messages are sent to the players.
//
// A send costs about the same whatever it carries, so the number of sends is the cost of a relay.
//
//   automatic  with the next video message, or once the oldest has waited for 50 ms: audio rides with video,
//              at 25 pictures a second, too
//   at_once    every message
//   interval   once the oldest has waited so long; the players take turns, so that their sends are
//              spread over the interval and not made in one burst
#pragma once

#include <chrono>

namespace srs::relay {

struct FlushPolicy {
  enum class Kind { automatic, at_once, interval } kind = Kind::automatic;
  std::chrono::milliseconds interval{50};

  // Into how many turns an interval is divided.
  static constexpr unsigned turns = 4;
};

}  // namespace srs::relay
