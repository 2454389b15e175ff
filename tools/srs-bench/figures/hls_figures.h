// Additional measurements of HLS players.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "srs-bench/figures/histogram.h"

namespace srs::bench {

// Of all players of a thread, or in all. Counts start with each player, times as stated.
struct HlsFigures {
  std::uint64_t players = 0;
  std::uint64_t low_latency = 0;  // of these
  std::uint64_t playlists = 0;    // answers 200
  std::uint64_t segments = 0;
  std::uint64_t parts = 0;
  std::map<std::string, std::uint64_t> errors;  // by HTTP status or cause
  std::uint64_t missed = 0;        // segments and parts that failed, or left the playlist too early
  std::uint64_t back_steps = 0;    // playlists with lower numbers than the one before
  std::uint64_t unused_hints = 0;  // parts that were hinted and fetched, but never listed
  std::uint64_t stalled_players = 0;
  Histogram playlist;  // request to last byte, of playlists that are sent at once
  Histogram blocked;   // likewise, of those that wait for a part
  Histogram startup;   // URL to the first byte of media
  Histogram playing;   // URL to the start of play
  Histogram stalled;   // total per stalled player

  void add(const HlsFigures& other);
};

// Of the whole run.
struct DeliveryFigures {
  Histogram spread;  // time from the first player's copy of a part or segment to another's
  Histogram delay;   // time since its newest picture was due at the publisher
};

}  // namespace srs::bench
