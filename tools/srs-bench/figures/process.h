// CPU and memory of a process on this machine, with all its descendants: nginx is a master and its workers.
//
// Read from /proc (proc(5)) and the processes' CPU clocks.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace srs::bench {

// Of /proc/PID/stat.
struct ProcessStat {
  pid_t parent = 0;
  std::uint64_t reaped_ticks = 0;  // CPU time of ended children, in clock ticks
  unsigned threads = 0;
};
Result<ProcessStat> parse_process_stat(std::string_view text);

struct ProcessMemory {
  std::uint64_t rss_bytes = 0;
  std::uint64_t private_bytes = 0;  // shared with no other process
};
// Of /proc/PID/smaps_rollup. A zombie has none: all zero.
ProcessMemory parse_smaps_rollup(std::string_view text);

// The process and its descendants, itself first. An error: no such process.
Result<std::vector<pid_t>> process_tree(pid_t root);

// Sums over a process tree. CPU time counts from the processes' start, and includes ended children.
Result<double> cpu_seconds_of(pid_t root);
// An error also without permission to inspect them.
Result<ProcessMemory> memory_of(pid_t root);
Result<unsigned> threads_of(pid_t root);

}  // namespace srs::bench
