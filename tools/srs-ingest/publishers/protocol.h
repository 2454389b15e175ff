// Protocol: one way in which publishers come: from an accepted connection to a publication.
//
// The list of them is protocols.cpp; nobody else asks which protocol something is. The main thread.
#pragma once

#include <asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/log.h"
#include "gate/gate.h"
#include "live/publications.h"
#include "net/admission.h"
#include "net/socket.h"

namespace srs::ingest {

class Protocol {
 public:
  virtual ~Protocol() = default;
  // Serves one connection to its end.
  virtual void serve(net::Socket socket, net::Ticket ticket) = 0;
  // Connections, also of those that publish nothing yet.
  virtual std::size_t connections() const = 0;
  // Closes all of them. The publications have been stopped.
  virtual void close() = 0;
};

// What protocols share. All must outlive them.
struct ProtocolSetup {
  asio::io_context& io;
  live::Publications& publications;
  gate::Gate& gate;
  const cli::Log& log;
};

struct ProtocolEntry {
  std::string_view scheme;  // of the URLs that listen for it without TLS, "rtmp"
  std::unique_ptr<Protocol> (*make)(const ProtocolSetup& setup);
};

const std::vector<ProtocolEntry>& protocols();
// The place in protocols() of the one that listens by this scheme, with TLS or without; none: nobody does.
std::optional<std::size_t> find_protocol(std::string_view scheme);

}  // namespace srs::ingest
