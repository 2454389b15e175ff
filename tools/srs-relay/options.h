// The command line of srs-relay.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "admin/admin_options.h"
#include "cli/command_line.h"
#include "gate/gate_options.h"
#include "live/publisher_rate.h"
#include "live/stream_quota.h"
#include "net/connection_options.h"
#include "net/url.h"
#include "pipe/pipe_writer.h"
#include "srs-relay/origins/cluster_options.h"
#include "srs-relay/origins/origins.h"
#include "srs-relay/origins/pulls.h"
#include "srs-relay/push/push_url.h"
#include "srs-relay/streams/stream.h"

namespace srs::relay {

struct Options {
  std::vector<net::Url> listen;
  bool share_ports = false;
  std::string stream;  // names the stream of plain FLV
  bool accept_publish = false;
  std::chrono::milliseconds drain{30'000};  // at most, after SIGTERM
  bool pass = false;
  bool annotations = false;  // also in FLV that is passed on to a file
  pipe::OnFull on_full = pipe::OnFull::drop_gop;
  std::size_t threads = 1;
  // How long a player waits for a missing stream. Less than the 10 s after which players (ours, too) give
  // up, so that they get an answer.
  std::chrono::milliseconds player_wait{5'000};
  std::chrono::milliseconds stall_timeout{15'000};
  Stream::Options stream_options;
  std::chrono::milliseconds grace{15'000};
  bool takeover_kick = false;
  live::StreamQuota::Limits stream_limits;  // of publishers
  live::PublisherRate::Limits publisher_rate;
  bool read_stdin = true;
  admin::AdminOptions admin;
  net::ConnectionOptions connections;
  gate::GateOptions access;
  Origins::Options origins;
  PullOptions pull;
  ClusterOptions cluster;
  bool has_origins() const { return !origins.origins.empty() || !origins.file.empty(); }
  // Streams come from elsewhere, too.
  bool is_edge() const { return has_origins() || cluster.wanted(); }
  // Streams come from elsewhere only, unless stdin is requested. A relay that announces its own streams has
  // some.
  bool is_only_edge() const { return has_origins() || (cluster.wanted() && !cluster.advertises_own()); }
  PushOptions push;
  std::string node;       // the id of this relay among others, never empty
  bool is_named = false;  // by --node; else the id was made up
};

// Declares the options on `command`; read() gives them once it is parsed.
class OptionReader {
 public:
  explicit OptionReader(cli::CommandLine& command);
  Result<Options> read() const;
  // --hash-password, instead of everything else.
  bool wants_hash() const { return hash_password_; }

 private:
  void add_origin_options(CLI::App& app);
  Result<void> read_origins(Options& options) const;

  Options options_;
  std::vector<std::string> listen_;
  std::uint64_t max_gop_bytes_ = 64u << 20;
  std::string flush_ = "auto";
  std::string max_lag_;
  bool no_stdin_ = false;
  bool hash_password_ = false;
  bool stdin_ = false;
  std::vector<std::string> origins_;
  std::vector<std::string> push_, match_;
  std::string push_file_;
};

// "auto", "0" or a duration.
Result<FlushPolicy> parse_flush(const std::string& text);
// A size or a duration; both may be written with a unit only ("2M", "1500ms").
Result<LagLimit> parse_max_lag(const std::string& text);

}  // namespace srs::relay
