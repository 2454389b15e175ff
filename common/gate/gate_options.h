// GateOptions: --access, --audit and the limits beside them, the same for every tool that listens.
#pragma once

#include <string>
#include <vector>

#include "audit/options.h"
#include "cli/app.h"
#include "cli/log.h"
#include "gate/seats.h"
#include "net/url.h"

namespace srs::gate {

struct GateOptions {
  std::string file;  // of rules; empty: everybody may do everything
  SeatLimits seats;
  audit::AuditOptions audit;

  bool has_rules() const { return !file.empty(); }
  // Whether there is anything to do on SIGHUP.
  bool has_files() const { return has_rules() || !audit.destination.empty(); }
};

// Says so once, if others can reach one of these addresses and there are no rules.
void warn_if_open(const GateOptions& options, const std::vector<net::Url>& listen, const cli::Log& log);

// files: HTTP clients that come and go, which are no players to count.
enum class Serves { publishers, both, files };
void add_gate_options(CLI::App& app, GateOptions& options, Serves serves);

}  // namespace srs::gate
