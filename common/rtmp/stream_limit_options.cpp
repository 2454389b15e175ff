#include "rtmp/stream_limit_options.h"

namespace srs::rtmp {

void add_stream_limit_options(CLI::App& app, StreamQuota::Limits& limits) {
  app.add_option("--max-streams", limits.streams, "Most streams of publishers at a time")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}))
      ->capture_default_str();
  app.add_option("--max-streams-per-address", limits.streams_per_address,
                 "The same, of those whose publishers have one address")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{10'000'000}))
      ->capture_default_str();
}

}  // namespace srs::rtmp
