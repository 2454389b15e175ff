#include "live/stream_limit_options.h"

#include "cli/option_kinds.h"

namespace srs::live {

void add_stream_limit_options(CLI::App& app, StreamQuota::Limits& limits, PublisherRate::Limits& rate) {
  cli::add_number(app, "--max-streams", limits.streams, 1, 10'000'000,
                  "Most streams of publishers at a time");
  cli::add_number(app, "--max-streams-per-address", limits.streams_per_address, 1, 10'000'000,
                  "Most streams at a time of publishers with the same address");
  cli::add_size(app, "--max-publisher-rate", rate.bytes_per_second,
                "Bytes a second that a publisher is read at, at most");
  cli::add_number(app, "--max-publisher-messages", rate.messages_per_second, 1, 10'000'000,
                  "Messages a second that a publisher is read at, at most");
}

}  // namespace srs::live
