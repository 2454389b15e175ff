// The command line of srs-ingest.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "admin/admin_options.h"
#include "cli/command_line.h"
#include "media/pipe_writer.h"
#include "net/connection_options.h"
#include "net/url.h"
#include "rtmp/publishers.h"

namespace srs::ingest {

struct SourceOption {
  std::string argument;  // as it was given
  std::string path;      // the stream's name
  bool named = false;    // by --name
};

struct Options {
  std::vector<net::Url> listen;
  admin::AdminOptions admin;
  net::ConnectionOptions connections;
  bool share_ports = false;
  std::vector<SourceOption> sources;
  std::string stream;  // take this one only, as plain FLV; empty: all
  bool realtime = false;
  bool loop = false;
  bool reconnect = false;
  std::optional<media::OnFull> on_full;  // if not said: as the kind of source asks for
  std::chrono::milliseconds grace{15'000};
  rtmp::Publishers::Takeover takeover = rtmp::Publishers::Takeover::reject;
  rtmp::StreamQuota::Limits stream_limits;  // of publishers

  // One stream is all that can come: the output is plain FLV.
  bool is_plain() const {
    return !stream.empty() || (listen.empty() && sources.size() == 1 && sources[0].argument != "-");
  }
};

// Declares the options on `command`; read() gives them once it is parsed.
class OptionReader {
 public:
  explicit OptionReader(cli::CommandLine& command);
  Result<Options> read() const;

 private:
  Result<void> read_sources(Options& options) const;

  Options options_;
  std::vector<std::string> listen_, sources_, names_;
  std::string on_full_, takeover_ = "reject";
};

}  // namespace srs::ingest
