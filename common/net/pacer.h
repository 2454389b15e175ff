// Pacer: when a busy thread looks at its inputs again.
//
// Who reads asks it before each wait for input. Where it holds readers back, what comes meanwhile is read in
// one piece.
#pragma once

#include <asio/awaitable.hpp>

namespace srs::net {

// One thread.
class Pacer {
 public:
  virtual ~Pacer() = default;
  // Whether readers are to wait(): for a fraction of a second at most.
  virtual bool holds() const = 0;
  virtual asio::awaitable<void> wait() = 0;
};

}  // namespace srs::net
