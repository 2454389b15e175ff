// Bench: one run. Makes the clients, spreads their starts, waits, shows progress, and adds up.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cli/log.h"
#include "srs-bench/clients/worker.h"
#include "srs-bench/figures/costs.h"
#include "srs-bench/hls/hls_player.h"
#include "srs-bench/options/options.h"
#include "srs-bench/players/player.h"
#include "srs-bench/players/publisher.h"

namespace srs::bench {

class Bench {
 public:
  Bench(const Options& options, const cli::Log& log)
      : options_(options), log_(log), costs_(options.server_pid) {}

  // Addresses, the recording, file descriptors, the server's process.
  Result<void> prepare();
  // Runs until the time is up, a signal arrives, or no client is left. SIGINT and SIGTERM must be blocked.
  void run();
  Totals totals() const;

 private:
  std::unique_ptr<Client> make_client(Worker& worker, std::size_t number) const;
  bool is_verified(std::size_t number) const;
  Result<void> raise_descriptor_limit() const;
  // False: a signal arrived first, or no client is left.
  bool wait_until(Clock::time_point time) const;
  void warn(const Result<void>& outcome) const;
  void show_progress(bool last) const;
  std::uint64_t sum(std::atomic<std::uint64_t> Progress::*figure) const;

  const Options& options_;
  const cli::Log& log_;
  std::vector<Address> local_addresses_;  // empty: the system chooses
  PlayerSettings player_settings_;
  std::optional<HlsSettings> hls_settings_;  // set if players use HLS
  PublisherSettings publisher_settings_;
  std::vector<std::unique_ptr<PlaylistCache>> playlists_;  // one per worker
  std::vector<std::unique_ptr<Worker>> workers_;
  CostMeter costs_;
  double measured_seconds_ = 0;
};

}  // namespace srs::bench
