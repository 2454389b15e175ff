// SegmentClocks: finds the clocks that srs-bench publish embeds (see clock_sei.h) in the bytes of segments
// and parts, which arrive in pieces of any size.
//
// In fMP4 a NAL unit is contiguous. In MPEG-TS a packet header may interrupt it: there the payloads of the
// video packets are joined first. The clock has no zero byte, so emulation prevention cannot have changed it.
#pragma once

#include <array>
#include <vector>

#include "srs-bench/content/clock_sei.h"

namespace srs::bench {

class SegmentClocks {
 public:
  // Begins another segment or part.
  void begin();
  void feed(Bytes bytes);
  // The clocks found, in picture order.
  const std::vector<UtcMicroseconds>& found() const { return found_; }

 private:
  static constexpr std::size_t packet_size = 188;

  void consume_packet(Bytes packet);
  void search(Bytes bytes);

  enum class Container { unknown, ts, other };
  Container container_ = Container::unknown;
  std::array<std::uint8_t, packet_size> packet_{};
  std::size_t filled_ = 0;
  unsigned video_pid_ = 0;
  std::vector<std::uint8_t> rest_;  // the end of the last bytes, where a clock may begin
  std::vector<UtcMicroseconds> found_;
};

}  // namespace srs::bench
