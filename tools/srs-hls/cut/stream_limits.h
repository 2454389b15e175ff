// Limits: what a stream, and all of them together, may cost. Publishers choose how many bytes they send, at
// which timestamps and under how many names; none of this may decide how much memory or disk is used.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace srs::hls {

struct Limits {
  // A segment ends at this size at any frame, and from three quarters of it on at a key frame.
  std::uint64_t segment_bytes = 64u << 20;
  // Bytes of a stream's live list, the files that recently left it, and held frames; beyond it the oldest are
  // removed. 0: what the window needs, see usual_stream_bytes().
  std::uint64_t stream_bytes = 0;
  // Of all streams together; beyond it the largest streams lose their oldest segments. 0: half of the
  // machine's memory.
  std::uint64_t memory_bytes = 0;
  // Live streams; as many ended ones are remembered.
  std::size_t streams = 1'000;
  // How long a live stream's playlist and files stay after its end, in addition to the playlist's duration.
  std::chrono::milliseconds keep_ended{300'000};
};

// Enough for 40 Mbit/s over a list of `window` segments and the files that left it, 256 MiB at least.
std::uint64_t usual_stream_bytes(std::size_t window, std::chrono::milliseconds target);
// Half of the memory of the machine, or of the container we run in.
std::uint64_t usual_memory_bytes();

// How long a segment may take in wall time while frames arrive: timestamps that crawl never fill one.
// Encoders with distant key frames, at half speed, stay well below.
inline std::chrono::milliseconds segment_time_max(std::chrono::milliseconds target) {
  return 8 * target > std::chrono::milliseconds(60'000) ? 8 * target : std::chrono::milliseconds(60'000);
}

}  // namespace srs::hls
