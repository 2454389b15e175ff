// The costs of a run: CPU and memory of the server, if it is on this machine, and CPU of srs-bench itself.
#pragma once

#include <sys/types.h>

#include <optional>

#include "srs-bench/figures/process.h"

namespace srs::bench {

struct ServerCosts {
  double cpu_seconds = 0;  // in the measured time
  ProcessMemory memory;    // at the end, all clients connected
  ProcessMemory memory_before;
  unsigned threads = 0;
};

struct Costs {
  double client_cpu_seconds = 0;  // in the measured time
  std::optional<ServerCosts> server;
};

// Called by the bench's thread, in this order.
class CostMeter {
 public:
  // server: 0: not measured.
  explicit CostMeter(pid_t server) : server_(server) {}

  // Before the first client starts. An error: no such process, or no permission to inspect it.
  Result<void> begin();
  // The measured time begins.
  Result<void> mark();
  // It ends. An error: the server has ended.
  Result<void> end();
  const Costs& costs() const { return costs_; }

 private:
  const pid_t server_;
  double client_at_mark_ = 0;
  double server_at_mark_ = 0;
  ProcessMemory memory_before_;
  Costs costs_;
};

}  // namespace srs::bench
