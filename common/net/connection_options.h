// ConnectionOptions: --max-connections and --max-connections-per-address, the same for every tool that
// listens.
#pragma once

#include <CLI/CLI.hpp>
#include <cstddef>

#include "net/admission.h"

namespace srs::net {

struct ConnectionOptions {
  // 0: as many as there are file descriptors for, at most 100,000.
  std::size_t connections = 0;
  // 0: half of all, so that one address cannot shut all others out.
  std::size_t per_address = 0;

  // What holds in this process: raises its limit of file descriptors to the most that it may have, and leaves
  // some of them for files and for connections of our own.
  ConnectionLimits limits() const;
};

void add_connection_options(CLI::App& app, ConnectionOptions& options);

}  // namespace srs::net
