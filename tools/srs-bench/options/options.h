// The command line of srs-bench.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

#include "cli/command_line.h"
#include "net/url.h"
#include "srs-bench/options/url_template.h"

namespace srs::bench {

enum class Mode { play, publish };
// By bandwidth.
enum class VariantChoice { highest, lowest };

struct Options {
  Mode mode = Mode::play;
  std::size_t count = 1;
  std::string url;
  std::string input;                           // publish: the FLV file
  std::string ramp = "1000/s";                 // as written
  std::chrono::microseconds start_interval{};  // between two starts, from ramp
  std::chrono::milliseconds time{10'000};      // from the last start on; 0: until a signal
  std::chrono::milliseconds settle{0};         // of that, what is not measured; 0: a tenth, at most a second
  std::chrono::milliseconds timeout{10'000};   // from the start of connecting to the first media
  unsigned threads = 1;
  std::string verify = "32";  // as written
  std::size_t verified = 32;  // play: number of players that read everything; at most count
  std::string reference;      // play: the FLV file to compare with; may be empty
  bool embeds_clock = true;   // publish
  std::string authorities;    // file of whom to trust for rtmps:// and https://; empty: the system's
  std::string bind;           // addresses to connect from; may be empty
  pid_t server_pid = 0;       // 0: not given
  bool json = false;

  UrlTemplate url_template;
  bool hls = false;  // play: the URL names a playlist
  bool low_latency = true;
  VariantChoice variant = VariantChoice::highest;
};

void add_options(CLI::App& app, Options& options);
// Checks what CLI11 cannot, and fills in derived values.
Result<void> check(Options& options);

// "5s": N starts spread over that time; "200/s": starts per second. Returns the time between two starts.
Result<std::chrono::microseconds> parse_ramp(const std::string& text, std::size_t count);

// "32", or "all" of count players.
Result<std::size_t> parse_verify(const std::string& text, std::size_t count);

}  // namespace srs::bench
