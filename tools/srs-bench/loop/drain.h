// Drain: counts the bytes received by a socket, and discards them unread.
//
// The socket becomes readable only at a low-water mark (SO_RCVLOWAT), and one recv() with MSG_TRUNC then
// discards the queue: no copy, and few wake-ups, which are the main cost of a client. A timer covers streams
// that seldom reach the mark: queued bytes count as received, too.
//
// The newest few bytes always stay in the socket's queue, but count as received: when the stream falls silent
// or the connection ends, they can still be read to see the server's last message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/byte_reader.h"

namespace srs::bench {

class Drain {
 public:
  // Bytes that are never discarded: room for a server's last message.
  static constexpr std::size_t kept_bytes = 2048;

  // The socket stays the owner's. low_water_bytes: more than kept_bytes.
  Drain(int fd, std::size_t low_water_bytes);

  // Reads the size of the queue.
  void update();
  bool is_above_mark() const { return pending_ >= low_water_bytes_; }
  // Discards the queue, except for the kept bytes.
  void discard();

  // Received since the Drain began, up to the last update() or discard().
  std::uint64_t received() const { return discarded_ + pending_; }
  // The last bytes, without removing them: at most kept_bytes. Empty if there are none, or on an error.
  Bytes peek(std::vector<std::uint8_t>& buffer);

 private:
  int fd_;
  std::size_t low_water_bytes_;
  std::uint64_t discarded_ = 0;
  std::size_t pending_ = 0;  // in the socket's queue
};

}  // namespace srs::bench
