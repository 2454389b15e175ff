// The options that say how many streams publishers may have, the same for every tool that takes publishers.
#pragma once

#include <CLI/CLI.hpp>

#include "rtmp/stream_quota.h"

namespace srs::rtmp {

// --max-streams and --max-streams-per-address, into `limits`, which must outlive the parsing.
void add_stream_limit_options(CLI::App& app, StreamQuota::Limits& limits);

}  // namespace srs::rtmp
