// The command line of srs-relay.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "media/pipe_writer.h"
#include "media/stream_log.h"
#include "net/url.h"

namespace srs::relay {

struct Options {
  std::vector<net::Url> listen;
  std::string stream;  // names the stream of plain FLV
  bool accept_publish = false;
  bool pass = false;
  media::OnFull on_full = media::OnFull::drop_gop;
  std::chrono::milliseconds wait{10'000};
  std::chrono::milliseconds stall_timeout{15'000};
  std::chrono::milliseconds grace{15'000};
  bool takeover_kick = false;
  media::LogLimits limits;
  bool read_stdin = true;
};

// Declares the options on `command`; read() gives them once it is parsed.
class OptionReader {
 public:
  explicit OptionReader(cli::CommandLine& command);
  Result<Options> read() const;

 private:
  Options options_;
  std::vector<std::string> listen_;
  std::string on_full_ = "drop-gop";
  std::string takeover_ = "reject";
  std::uint64_t max_gop_bytes_ = 64u << 20;
  bool no_stdin_ = false;
};

}  // namespace srs::relay
