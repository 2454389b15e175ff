// Protocol: what is spoken on one connection of a player or publisher, without input or output of its
// own. The connection sends what take_output() gives and feeds what it receives.
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
  // Bytes ahead that feed() has no need to see; skip() tells that they came.
  virtual std::size_t skippable() const = 0;
  virtual void skip(std::size_t size) = 0;
  // Empty if there is nothing to send now.
  virtual std::vector<std::uint8_t> take_output() = 0;
  // The server has said that the stream is over.
  virtual bool ended() const = 0;
};

}  // namespace srs::bench
