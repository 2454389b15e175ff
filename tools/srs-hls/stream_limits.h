// Limits: what a stream, and all of them together, may cost. Whoever publishes decides how many bytes come,
// at which timestamps and under how many names; none of it may decide how much memory or disk is used.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace srs::hls {

struct Limits {
  // A segment ends at this size wherever it is, at a key frame from three quarters of it on.
  std::uint64_t segment_bytes = 64u << 20;
  // What a stream's live list, the files that left it a moment ago, and frames that wait are; beyond it the
  // oldest go. 0: what the window needs, see usual_stream_bytes().
  std::uint64_t stream_bytes = 0;
  // Of all streams together; beyond it the largest give up their oldest. 0: half of the machine's memory.
  std::uint64_t memory_bytes = 0;
  // Streams that are on; and as many that ended are remembered.
  std::size_t streams = 1'000;
  // How long the playlist and files of a live stream stay after its end, beyond its own length.
  std::chrono::milliseconds keep_ended{300'000};
};

// Enough for 40 Mbit/s over a list of `window` segments and the files that left it, 256 MiB at least.
std::uint64_t usual_stream_bytes(std::size_t window, std::chrono::milliseconds target);
// Half of what the machine, or the container we are in, has.
std::uint64_t usual_memory_bytes();

// How long a segment may be under way while frames come: timestamps that crawl never fill one. Encoders
// with key frames far apart, at half their speed, are well below.
inline std::chrono::milliseconds segment_time_max(std::chrono::milliseconds target) {
  return 8 * target > std::chrono::milliseconds(60'000) ? 8 * target : std::chrono::milliseconds(60'000);
}

}  // namespace srs::hls
