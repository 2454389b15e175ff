// Protocol: what is spoken on one connection of a player or publisher, without input or output of its
// own. The connection sends what take_output() gives and feeds what it receives.
//
// A player that has seen its first key frame may stop feeding for good and only tell how many bytes came:
// count(). Then the protocol has lost its place in the stream, and whether the stream is over can be told
// from the last bytes alone: ends().
#pragma once

#include <cstdint>
#include <vector>

#include "core/byte_reader.h"
#include "core/result.h"

namespace srs::bench {

class Protocol {
 public:
  virtual ~Protocol() = default;

  // An error is final: the peer refused us, or it sends what cannot be understood.
  virtual Result<void> feed(Bytes bytes) = 0;
  // So many bytes came that nobody looked at. No feed() after it.
  virtual void count(std::size_t size) = 0;
  // Whether the server's last bytes say that the stream is over.
  virtual bool ends(Bytes last_bytes) const = 0;
  // For take_output(): what shows the server that somebody is there, if the protocol has such a thing.
  virtual void keep_alive() {}
  // Empty if there is nothing to send now.
  virtual std::vector<std::uint8_t> take_output() = 0;
  // The server has said that the stream is over, in what was fed.
  virtual bool ended() const = 0;
};

}  // namespace srs::bench
