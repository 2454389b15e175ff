// SegmentClocks: finds the clocks that srs-bench publish embeds (see clock_sei.h) in the bytes of segments
// and parts, which come in any pieces.
//
// In fMP4 a NAL unit lies in one piece. In MPEG-TS a packet's header may come in between: there the payloads
// of the video's packets are put together first. The clock has no zero byte, so that what guards against
// start codes in NAL units cannot have touched it.
#pragma once

#include <array>
#include <vector>

#include "clock_sei.h"

namespace srs::bench {

class SegmentClocks {
 public:
  // What follows is another segment or part.
  void begin();
  void feed(Bytes bytes);
  // Of its pictures, in their order.
  const std::vector<UtcMicroseconds>& found() const { return found_; }

 private:
  static constexpr std::size_t packet_size = 188;

  void take_packet(Bytes packet);
  void search(Bytes bytes);

  enum class Container { unknown, ts, other };
  Container container_ = Container::unknown;
  std::array<std::uint8_t, packet_size> packet_{};
  std::size_t filled_ = 0;
  unsigned video_pid_ = 0;
  std::vector<std::uint8_t> rest_;  // where a clock may have begun, and what is searched with it
  std::vector<UtcMicroseconds> found_;
};

}  // namespace srs::bench
