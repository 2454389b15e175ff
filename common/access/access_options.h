// AccessOptions: --access and the limits beside it, the same for every tool that listens.
#pragma once

#include <string>
#include <vector>

#include "access/seats.h"
#include "cli/app.h"
#include "cli/log.h"
#include "net/url.h"

namespace srs::access {

struct AccessOptions {
  std::string file;  // of rules; empty: everybody may do everything

  SeatLimits seats;

  bool wanted() const { return !file.empty(); }
};

// Says so once, if others can reach one of these addresses and there are no rules.
void warn_if_open(const AccessOptions& options, const std::vector<net::Url>& listen, const cli::Log& log);

// --access, and of the limits those that apply.
// files: HTTP clients that come and go, which are no players to count.
enum class Serves { publishers, both, files };
void add_access_options(CLI::App& app, AccessOptions& options, Serves serves);

}  // namespace srs::access
