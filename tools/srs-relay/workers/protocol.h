// Protocol: serves the players of one protocol on one worker, from the accepted connection to the fan-out
// of a stream.
//
// They are listed in protocols.cpp; no other code depends on which one it is. Belongs to its worker's
// thread.
#pragma once

#include <cstddef>

#include "net/admission.h"
#include "net/socket.h"

namespace srs::relay {

class Protocol {
 public:
  virtual ~Protocol() = default;

  // Serves one connection to its end.
  virtual void serve(net::Socket socket, net::Ticket ticket) = 0;
  // Connections that are not players' or publishers' yet.
  virtual std::size_t connections() const = 0;
  // The relay drains and its players have been asked to leave: closes idle connections.
  virtual void drain() {}
  // Cuts off every connection that is not a player's or a publisher's yet.
  virtual void close() = 0;
};

}  // namespace srs::relay
