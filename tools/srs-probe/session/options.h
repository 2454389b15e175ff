// The command line of srs-probe.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "net/tls_context.h"
#include "srs-probe/report/thresholds.h"

namespace srs::probe {

struct Options {
  std::string source = "-";
  std::string stream;                             // the only stream to analyse; empty: all
  std::optional<std::chrono::milliseconds> time;  // --for; 0: no end
  std::chrono::milliseconds timeout{10'000};      // for the first media of a network source
  std::string authorities;  // file of whom to trust for rtmps:// and https://; empty: the system's
  std::shared_ptr<const net::TlsContext> trust;  // the same, once it is read
  bool json = false;
  bool pass = false;
  bool watch = false;
  std::vector<std::string> fail_if;
  std::vector<Threshold> thresholds;  // fail_if, parsed
};

void add_options(CLI::App& app, Options& options);
// Checks what CLI11 cannot.
Result<void> check(Options& options);

}  // namespace srs::probe
