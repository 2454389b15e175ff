// The options that limit publishers' streams, the same for every tool that accepts publishers.
#pragma once

#include "cli/app.h"
#include "live/stream_quota.h"

namespace srs::live {

// --max-streams and --max-streams-per-address; `limits` must outlive the parsing.
void add_stream_limit_options(CLI::App& app, StreamQuota::Limits& limits);

}  // namespace srs::live
