// The metrics that every tool has: which build it is, and what the process takes of the machine.
#pragma once

#include <string_view>

#include "admin/prometheus_text.h"

namespace srs::admin {

void measure_process(std::string_view tool, PrometheusText& text);

}  // namespace srs::admin
