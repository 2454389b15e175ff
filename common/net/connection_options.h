// ConnectionOptions: --max-connections and --max-connections-per-address, the same for every tool that
// listens.
#pragma once

#include <cstddef>

#include "cli/app.h"
#include "net/admission.h"

namespace srs::net {

struct ConnectionOptions {
  // 0: as many as file descriptors allow, at most 100,000.
  std::size_t connections = 0;
  // 0: half of the total, so that one address cannot lock all others out.
  std::size_t per_address = 0;

  // The limits in effect. Raises the process's limit of file descriptors to its maximum, and reserves some
  // for files and our own connections.
  ConnectionLimits limits() const;
};

void add_connection_options(CLI::App& app, ConnectionOptions& options);

}  // namespace srs::net
