// Presence: which tracks of a stream bring frames.
//
// An announced track may bring nothing, or stop: a muted or missing microphone, a switched-off camera.
// Players that expect it wait for it and stall. So a track counts only while it has frames: it is silent once
// the other track has continued for two seconds without it (or for three times its usual frame interval), and
// may then be excluded. A track that comes and goes has to be present for longer and longer before it counts
// again, up to a minute, since each change is a discontinuity for players. Times are the stream's. Owned by
// its stream.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "srs-hls/time/timestamps.h"

namespace srs::hls {

class Presence {
 public:
  static constexpr std::int64_t patience_ms = 2'000, patience_max_ms = 10'000, late_ms = 100;
  // The most that one time step counts: a jump is not silence.
  static constexpr std::int64_t step_max_ms = 1'000;
  // How long a track must be present before it counts for the third time; doubled each further time.
  static constexpr std::int64_t steady_ms = 2'000, steady_max_ms = 64'000;
  // After this long without a change, one change is forgiven.
  static constexpr std::int64_t forgiven_after_ms = 60'000;

  // A frame of the track, with its decoding time.
  void on_frame(Track track, std::int64_t dts_ms) {
    State& state = of(track);
    const std::int64_t step =
        state.seen ? std::clamp<std::int64_t>(dts_ms - state.newest_ms, 0, step_max_ms) : 0;
    const bool steady = state.silence_ms < step_max_ms && step < step_max_ms;
    state.seen = true;
    state.newest_ms = dts_ms;
    state.usual_ms = std::max(state.silence_ms, state.usual_ms - (state.usual_ms + 7) / 8);
    state.silence_ms = 0;
    state.run_ms = steady ? state.run_ms + step : 0;
    other(track).silence_ms += step;
    if (state.excluded || state.changes == 0 || state.run_ms < forgiven_after_ms) return;
    state.run_ms = 0;
    --state.changes;
  }
  // The track was announced just now: its wait begins.
  void announced(Track track) { of(track).silence_ms = 0; }

  bool is_silent(Track track) const {
    const State& state = of(track);
    return state.silence_ms >= std::clamp(3 * state.usual_ms, patience_ms, patience_max_ms);
  }
  // It is late, and may soon be silent.
  bool is_late(Track track) const {
    const State& state = of(track);
    return state.silence_ms >= std::clamp(3 * state.usual_ms, late_ms, patience_max_ms);
  }
  bool is_excluded(Track track) const { return of(track).excluded; }
  // Whether an excluded track counts again.
  bool is_back(Track track) const {
    const State& state = of(track);
    if (!state.excluded || state.silence_ms >= step_max_ms || !state.seen) return false;
    if (state.changes <= 1) return true;
    return state.run_ms >= std::min(steady_ms << std::min(state.changes - 2, 8), steady_max_ms);
  }

  void exclude(Track track) {
    of(track).excluded = true;
    of(track).seen = false;
    of(track).run_ms = 0;
    ++of(track).changes;
  }
  void include(Track track) {
    of(track).excluded = false;
    of(track).run_ms = 0;
  }

 private:
  struct State {
    bool seen = false;  // since it was excluded, if it was
    std::int64_t newest_ms = 0;
    std::int64_t silence_ms = 0;  // progress of the other track since the newest frame
    std::int64_t usual_ms = 0;    // usual silence_ms between frames
    std::int64_t run_ms = 0;      // present without a pause
    int changes = 0;              // not forgiven yet
    bool excluded = false;
  };

  State& of(Track track) { return tracks_[static_cast<std::size_t>(track)]; }
  const State& of(Track track) const { return tracks_[static_cast<std::size_t>(track)]; }
  State& other(Track track) { return of(hls::other(track)); }

  std::array<State, 2> tracks_;
};

}  // namespace srs::hls
