// The command line of srs-hls.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "admin/admin_options.h"
#include "cli/command_line.h"
#include "gate/gate_options.h"
#include "net/connection_options.h"
#include "net/url.h"
#include "srs-hls/outlets/upload_options.h"
#include "srs-hls/streams/streams.h"

namespace srs::hls {

struct Options {
  std::string directory;  // empty: none
  std::string state;      // directory of the saved playlist numbers; empty: none, or in `directory`
  StreamSettings settings;
  UploadSettings upload;
  std::vector<net::Url> listen;
  bool share_ports = false;
  std::string stream;  // names plain FLV; of many streams, the only one to package
  std::chrono::milliseconds linger{0};
  admin::AdminOptions admin;
  net::ConnectionOptions connections;
  gate::GateOptions access;
};

// Declares the options on `command`; read() returns them once it is parsed.
class OptionReader {
 public:
  explicit OptionReader(cli::CommandLine& command);
  Result<Options> read() const;

 private:
  void declare_format(CLI::App& app);
  void declare_playlists(CLI::App& app);
  void declare_delivery(CLI::App& app);
  void declare_encryption(CLI::App& app);
  void declare_limits(CLI::App& app);
  Result<void> read_limits(Options& options) const;
  Result<void> read_listen(Options& options) const;
  Result<void> read_stream(Options& options) const;

  Options options_;
  CLI::Option* format_ = nullptr;
  std::vector<std::string> listen_;
  bool low_latency_ = false;
  std::chrono::milliseconds part_{200};
  bool event_ = false;
  bool vod_ = false;
  const CLI::Option* stream_memory_ = nullptr;
  const CLI::Option* max_memory_ = nullptr;
  std::string stream_memory_text_, max_memory_text_;
};

}  // namespace srs::hls
