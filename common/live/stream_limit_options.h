// The options that limit publishers' streams, the same for every tool that accepts publishers.
#pragma once

#include "cli/app.h"
#include "live/publisher_rate.h"
#include "live/stream_quota.h"

namespace srs::live {

// --max-streams, --max-streams-per-address, --max-publisher-rate, --max-publisher-messages; what they set
// must outlive the parsing.
void add_stream_limit_options(CLI::App& app, StreamQuota::Limits& limits, PublisherRate::Limits& rate);

}  // namespace srs::live
