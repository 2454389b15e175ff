#include "srs-bench/figures/hls_figures.h"

namespace srs::bench {

void HlsFigures::add(const HlsFigures& other) {
  players += other.players;
  low_latency += other.low_latency;
  playlists += other.playlists;
  segments += other.segments;
  parts += other.parts;
  for (const auto& [what, count] : other.errors) errors[what] += count;
  missed += other.missed;
  back_steps += other.back_steps;
  unused_hints += other.unused_hints;
  stalled_players += other.stalled_players;
  playlist.add(other.playlist);
  blocked.add(other.blocked);
  startup.add(other.startup);
  playing.add(other.playing);
  stalled.add(other.stalled);
}

}  // namespace srs::bench
