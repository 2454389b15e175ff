// What players of HLS measure, besides what all players do.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "histogram.h"

namespace srs::bench {

// Of all players of a thread, and in all. Counts are from each player's start on, times as said.
struct HlsFigures {
  std::uint64_t players = 0;
  std::uint64_t low_latency = 0;  // of these
  std::uint64_t playlists = 0;    // answers 200
  std::uint64_t segments = 0;
  std::uint64_t parts = 0;
  std::map<std::string, std::uint64_t> errors;  // by HTTP status, or by what happened
  std::uint64_t missed = 0;        // segments and parts that left the playlist before their turn, or failed
  std::uint64_t back_steps = 0;    // playlists with lower numbers than the one before
  std::uint64_t unused_hints = 0;  // parts that were hinted at, fetched, and not listed
  std::uint64_t stalled_players = 0;
  Histogram playlist;  // request to the last byte: playlists that are given out at once
  Histogram blocked;   // likewise, of those that wait for a part
  Histogram startup;   // URL to the first byte of media
  Histogram playing;   // URL to the place in time where play begins
  Histogram stalled;   // of each player that stood still, in all

  void add(const HlsFigures& other);
};

// Of the whole run.
struct DeliveryFigures {
  Histogram spread;  // from when the first player had a part or segment to when another one had it
  Histogram delay;   // from when the newest picture in it was due at the publisher
};

}  // namespace srs::bench
