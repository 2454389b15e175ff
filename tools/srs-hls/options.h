// The command line of srs-hls.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/command_line.h"
#include "net/url.h"
#include "stream.h"

namespace srs::hls {

struct Options {
  std::string directory;
  StreamSettings settings;
  std::vector<net::Url> listen;
  bool share_ports = false;
  std::string stream;  // names plain FLV; of many streams, the one to take
  std::chrono::milliseconds linger{0};
  std::optional<net::Url> admin;
};

// Declares the options on `command`; read() gives them once it is parsed.
class OptionReader {
 public:
  explicit OptionReader(cli::CommandLine& command);
  Result<Options> read() const;

 private:
  Options options_;
  std::vector<std::string> listen_;
  std::string admin_;
};

}  // namespace srs::hls
