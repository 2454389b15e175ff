// Session: one run of the probe. A source feeds it and asks it whether to go on; it keeps the time,
// prints the lines of --watch, and concludes with the report. One thread.
#pragma once

#include <chrono>

#include "cli/log.h"
#include "flv_streams.h"
#include "options.h"
#include "report.h"
#include "watch.h"

namespace srs::probe {

class Session {
 public:
  // live: times of arrival mean something. name: the source for people.
  Session(const Options& options, const cli::Log& log, std::string name, bool live);

  // To be called at least five times a second while the source waits. False: enough was seen,
  // a signal came, or no media came in time.
  bool go_on();
  // Whether the source's end is what we wanted: the time is up or a signal came.
  bool enough() const { return enough_; }
  bool interrupted() const;

  void on_bytes(std::size_t size);
  FlvStreams& flv() { return flv_; }
  StreamList& streams() { return streams_; }
  // Wall time since the session began.
  WallMs now() const;
  const Options& options() const { return options_; }

  // Reports; returns the exit status. outcome: how the source ended.
  int conclude(Result<void> outcome);

 private:
  std::chrono::milliseconds time_limit() const;
  bool time_is_up() const;
  void watch();
  // A stream that ended makes room for another one: what is to be said of it in the end is noted.
  void forget(Stream& stream);
  bool judge(const Stream& stream) const;
  Result<void> print(const std::string& text) const;
  Result<void> judge(Result<void> outcome) const;
  int judge_thresholds() const;

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

// SIGINT and SIGTERM end the session; SIGHUP, which asks servers to read their files again, does not.
void catch_stop_signals();

}  // namespace srs::probe
