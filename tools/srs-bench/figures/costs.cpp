#include "srs-bench/figures/costs.h"

#include <sys/resource.h>

namespace srs::bench {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double own_cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

Result<void> CostMeter::begin() {
  if (server_ == 0) return {};
  auto memory = memory_of(server_);
  if (!memory) return std::move(memory).error();
  memory_before_ = *memory;
  return {};
}

Result<void> CostMeter::mark() {
  client_at_mark_ = own_cpu_seconds();
  if (server_ == 0) return {};
  auto cpu = cpu_seconds_of(server_);
  if (!cpu) return std::move(cpu).error();
  server_at_mark_ = *cpu;
  return {};
}

Result<void> CostMeter::end() {
  costs_.client_cpu_seconds = own_cpu_seconds() - client_at_mark_;
  if (server_ == 0) return {};
  // CPU first: reading the memory figures costs the server nothing, but takes time.
  auto cpu = cpu_seconds_of(server_);
  if (!cpu) return std::move(cpu).error();
  auto memory = memory_of(server_);
  if (!memory) return std::move(memory).error();
  auto threads = threads_of(server_);
  if (!threads) return std::move(threads).error();
  costs_.server = ServerCosts{*cpu - server_at_mark_, *memory, memory_before_, *threads};
  return {};
}

}  // namespace srs::bench
