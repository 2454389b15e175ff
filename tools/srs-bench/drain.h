// Drain: counts what comes off a socket, and throws it away unseen.
//
// The socket reports itself readable at a low-water mark only (SO_RCVLOWAT), and one recv() with MSG_TRUNC
// then takes what is there: no copy, and few wake-ups, which are what a client costs otherwise. A stream that
// seldom reaches the mark is looked at by a timer: what waits counts as received, too.
//
// The newest few bytes always stay in the socket's queue, and count as received all the same: when the
// stream falls silent or the connection ends they can still be read, to see what the server said last.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/byte_reader.h"

namespace srs::bench {

class Drain {
 public:
  // Bytes that are never thrown away: room for what a server says at the end.
  static constexpr std::size_t kept_bytes = 2048;

  // The socket stays the owner's. low_water_bytes: more than kept_bytes.
  Drain(int fd, std::size_t low_water_bytes);

  // Sees how much is there.
  void look();
  bool is_above_mark() const { return pending_ >= low_water_bytes_; }
  // Throws away what is there, up to the kept bytes.
  void discard();

  // Received since the Drain began, up to the last look or discard.
  std::uint64_t received() const { return discarded_ + pending_; }
  // The last bytes, without taking them: kept_bytes at most. Empty if there are none, or an error.
  Bytes peek(std::vector<std::uint8_t>& buffer);

 private:
  int fd_;
  std::size_t low_water_bytes_;
  std::uint64_t discarded_ = 0;
  std::size_t pending_ = 0;  // in the socket's queue
};

}  // namespace srs::bench
