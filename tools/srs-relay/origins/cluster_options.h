// ClusterOptions: the registry of --registry, and what this relay says there of itself. Values.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "cli/app.h"
#include "cli/log.h"
#include "registry/registry.h"

namespace srs::relay {

struct ClusterOptions {
  std::string registry;  // redis://...; empty: none
  std::string password_file;
  std::vector<std::string> advertise;  // where our streams can be played; empty: we announce nothing
  bool advertise_pulled = false;
  std::chrono::milliseconds ttl{10'000};

  bool wanted() const { return !registry.empty(); }
  // This relay has streams of its own and does not only pull.
  bool advertises_own() const { return !advertise.empty() && !advertise_pulled; }
  // Errors: what is wrong on the command line.
  Result<void> check() const;
  // Reads the password: from the file, or else from the environment's SRS_REGISTRY_PASSWORD.
  Result<registry::Registry::Options> registry_options(const std::string& node, const cli::Log& log) const;
};

void add_cluster_options(CLI::App& app, ClusterOptions& options);

}  // namespace srs::relay
