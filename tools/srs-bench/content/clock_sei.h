// The clock that a publisher embeds in its pictures, from which players compute the end-to-end latency.
//
// It is an SEI NAL unit, user data unregistered (H.264 D.1.6 and H.265 D.2.6; payload type 5): our UUID and
// the time. Servers forward it with the picture, decoders ignore it. The time is nine bytes of seven bits
// each, lowest last, with the top bit set: so the unit has no zero byte, and needs no emulation prevention.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "core/byte_reader.h"

namespace srs::bench {

// UTC.
using UtcMicroseconds = std::chrono::sys_time<std::chrono::microseconds>;

// The length size of a stream's NAL units: from its codec configuration, or 4 bytes without one.
class NalFraming {
 public:
  // Takes any video payload; only codec configurations have an effect.
  void learn(Bytes payload);
  unsigned length_size() const { return length_size_; }

 private:
  unsigned length_size_ = 4;
};

// The payload of a video message with the clock inserted: before the picture's NAL units, but after an access
// unit delimiter. None if the message holds no AVC or HEVC picture.
std::optional<std::vector<std::uint8_t>> embed_clock(Bytes payload, UtcMicroseconds time, NalFraming framing);

// A clock found in a video payload.
struct FoundClock {
  UtcMicroseconds time;
  std::size_t offset = 0;  // of the unit, length field included
  std::size_t size = 0;
};
std::optional<FoundClock> find_clock(Bytes payload, NalFraming framing);

// The same in the bytes of a segment of any container, where the clock is contiguous: from the payload type
// to the last byte of the time. `end` is set to the offset after it.
inline constexpr std::size_t clock_in_bytes_size = 2 + 16 + 9;
std::optional<UtcMicroseconds> find_clock_in_bytes(Bytes bytes, std::size_t& end);

}  // namespace srs::bench
