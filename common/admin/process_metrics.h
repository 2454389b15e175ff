// The metrics that every tool has: its build, and what the process uses of the machine.
#pragma once

#include <dirent.h>

#include <string_view>

#include "admin/prometheus_text.h"

namespace srs::admin {

// Its files are opened at the start: it must work even when no file can be opened any more.
class ProcessMetrics {
 public:
  ProcessMetrics();
  ~ProcessMetrics();
  ProcessMetrics(const ProcessMetrics&) = delete;
  ProcessMetrics& operator=(const ProcessMetrics&) = delete;

  void measure(std::string_view tool, PrometheusText& text) const;

 private:
  double stat_field(int number) const;
  double start_time_seconds() const;
  double open_descriptors() const;

  int stat_ = -1;               // /proc/self/stat
  DIR* descriptors_ = nullptr;  // /proc/self/fd
};

}  // namespace srs::admin
