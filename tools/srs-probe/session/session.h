// Session: one run of the probe. A source feeds it, and asks it whether to continue; it keeps the time,
// prints the lines of --watch, and ends with the report. One thread.
#pragma once

#include <chrono>

#include "cli/log.h"
#include "srs-probe/report/report.h"
#include "srs-probe/report/watch.h"
#include "srs-probe/session/options.h"
#include "srs-probe/streams/flv_streams.h"

namespace srs::probe {

class Session {
 public:
  // live: arrival times are meaningful. name: the source, for people.
  Session(const Options& options, const cli::Log& log, std::string name, bool live);

  // Call it at least five times a second, even while the source waits. False: stop, because enough was read,
  // a signal arrived, or no media came in time.
  bool tick();
  // Whether we ended the source: the time is up or a signal arrived.
  bool enough() const { return enough_; }
  bool interrupted() const;

  void on_bytes(std::size_t size);
  FlvStreams& flv() { return flv_; }
  StreamList& streams() { return streams_; }
  // Wall time since the session began.
  WallMs now() const;
  const Options& options() const { return options_; }

  // Prints the report and returns the exit status. outcome: how the source ended.
  int conclude(Result<void> outcome);

 private:
  std::chrono::milliseconds time_limit() const;
  bool time_is_up() const;
  void watch();
  // Drops an ended stream to make room, and keeps what the final report says of it.
  void forget(Stream& stream);
  bool crosses_threshold(const Stream& stream) const;
  Result<void> print(const std::string& text) const;
  Result<void> failure_of(Result<void> outcome) const;
  int exit_status() const;

  const Options& options_;
  const cli::Log& log_;
  const std::string name_;
  const bool live_;
  const std::chrono::steady_clock::time_point start_;
  StreamList streams_;
  Forgotten forgotten_;
  FlvStreams flv_;
  Watch watch_;
  WallMs last_watch_ = 0;
  std::uint64_t bytes_ = 0;
  std::optional<WallMs> first_byte_;
  mutable std::optional<WallMs> first_media_;
  bool enough_ = false;
  bool timed_out_ = false;
};

// SIGINT and SIGTERM end the session; SIGHUP, which asks servers to reload their files, does not.
void catch_stop_signals();

}  // namespace srs::probe
