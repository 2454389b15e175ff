// The command line of srs-ingest.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "admin/admin_options.h"
#include "cli/command_line.h"
#include "gate/gate_options.h"
#include "live/publications.h"
#include "net/connection_options.h"
#include "net/url.h"
#include "pipe/pipe_writer.h"

namespace srs::ingest {

struct SourceOption {
  std::string argument;  // as given
  std::string path;      // the stream's name
  bool named = false;    // by --name
};

struct Options {
  std::vector<net::Url> listen;
  admin::AdminOptions admin;
  net::ConnectionOptions connections;
  gate::GateOptions access;
  bool share_ports = false;
  std::vector<SourceOption> sources;
  std::string stream;        // the only stream, as plain FLV; empty: all
  bool annotations = false;  // even in FLV written to a file
  bool realtime = false;
  bool loop = false;
  bool reconnect = false;
  std::optional<pipe::OnFull> on_full;  // unset: depends on the kind of source
  std::chrono::milliseconds grace{15'000};
  live::Publications::Takeover takeover = live::Publications::Takeover::reject;
  live::StreamQuota::Limits stream_limits;  // of publishers
  live::PublisherRate::Limits publisher_rate;

  // Only one stream is possible: the output is plain FLV.
  bool is_plain() const {
    return !stream.empty() || (listen.empty() && sources.size() == 1 && sources[0].argument != "-");
  }
};

// Declares the options on `command`; read() returns them once it is parsed.
class OptionReader {
 public:
  explicit OptionReader(cli::CommandLine& command);
  Result<Options> read() const;

 private:
  Result<void> read_sources(Options& options) const;

  Options options_;
  std::vector<std::string> listen_, sources_, names_;
};

}  // namespace srs::ingest
