// The frame duration of a track, from the times of a few frames.
#pragma once

#include <deque>

#include "srs-hls/tracks/tracks.h"

namespace srs::hls {

// With this many frames the duration is precise enough for parts of Low-Latency HLS, although times are whole
// milliseconds.
constexpr std::size_t interval_frames_min = 10;

// Average in milliseconds; holes in the stream do not count. 0: fewer than two frames of this track.
double frame_interval_ms(const std::deque<Frame>& frames, Track track);

}  // namespace srs::hls
