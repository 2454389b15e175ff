// The clock that a publisher embeds in its pictures, from which players tell the end-to-end latency.
//
// It is an SEI NAL unit, user data unregistered (H.264 D.1.6 and H.265 D.2.6; payload type 5): a UUID of
// ours and the time. Servers forward it with the picture, decoders ignore it. The time is written as nine
// bytes of seven bits each, lowest last, with the top bit set: so there is no zero byte in the unit, and
// nothing that would need emulation prevention.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/byte_reader.h"

namespace srs::bench {

// UTC.
using UtcMicroseconds = std::chrono::sys_time<std::chrono::microseconds>;

// How the NAL units of a stream are framed: from its codec configuration, and 4 bytes where there was none.
class NalFraming {
 public:
  // Video payloads; those that are no codec configuration change nothing.
  void learn(Bytes payload);
  unsigned length_size() const { return length_size_; }

 private:
  unsigned length_size_ = 4;
};

// The payload of a video message with the clock in it: in front of the picture's NAL units, but behind an
// access unit delimiter. None if the message holds no AVC or HEVC picture.
std::optional<std::vector<std::uint8_t>> with_clock(Bytes payload, UtcMicroseconds time, NalFraming framing);

// A clock as it stands in a video payload.
struct FoundClock {
  UtcMicroseconds time;
  std::size_t offset = 0;  // of the unit with its length
  std::size_t size = 0;
};
std::optional<FoundClock> find_clock(Bytes payload, NalFraming framing);

// The same in the bytes of a segment, of whatever container, as long as they lie in one piece there: from the
// payload's type to the last byte of the time. The byte behind what was found is put into `end`.
inline constexpr std::size_t clock_in_bytes_size = 2 + 16 + 9;
std::optional<UtcMicroseconds> find_clock_in_bytes(Bytes bytes, std::size_t& end);

}  // namespace srs::bench
