// ReceivedBytes counts the bytes that a connection has received and acknowledged (Adobe RTMP 1.0, section
// 5.4.3). A value; one thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace srs::rtmp {

class ReceivedBytes {
 public:
  // already: bytes received and acknowledged before.
  explicit ReceivedBytes(std::uint64_t already = 0) : all_(already), acknowledged_(already) {}

  void add(std::size_t bytes) { all_ += bytes; }
  std::uint64_t all() const { return all_; }
  // Whether at least this many bytes are unacknowledged.
  bool is_due(std::uint64_t window_bytes) const { return all_ - acknowledged_ >= window_bytes; }
  // Acknowledges all; returns the sequence number to send, which wraps at 2^32 as the peer's counter does.
  std::uint32_t acknowledge() {
    acknowledged_ = all_;
    return static_cast<std::uint32_t>(all_);
  }

 private:
  std::uint64_t all_;
  std::uint64_t acknowledged_;
};

}  // namespace srs::rtmp
