// Audit: who did what and when, one event a line (see Event), in a file, syslog or systemd's journal.
//
//     auto audit = Audit::open(options, {"srs-relay", "edge1"}, log);   // null without --audit
//     audit->write({.kind = audit::Kind::publish, .who = "alice", .path = "live/cam1"});
//
// write() puts the event into a queue of bounded size; a thread of its own takes it from there. Media never
// waits for a disk: an event that finds the queue full is counted as lost, which an event of its own ("audit:
// 12 events lost") and a log line say as soon as there is room. While the destination fails (a full disk, a
// FIFO without a reader) it is tried again each second, and events wait in the queue.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <thread>

#include "audit/destination.h"
#include "audit/event.h"
#include "audit/options.h"
#include "cli/log.h"
#include "core/result.h"

namespace srs::audit {

struct Limits {
  std::size_t queue_bytes = 8u << 20;
  std::chrono::milliseconds retry_time{1000};  // between attempts at a destination that fails
  std::chrono::milliseconds end_time{2000};    // how long the end waits for what is in the queue
};

class Audit {
 public:
  // Null without --audit. Errors: the destination cannot be used; a tool should not start then. The log must
  // outlive it.
  static Result<std::unique_ptr<Audit>> open(const AuditOptions& options, Writer writer, const cli::Log& log);

  Audit(std::unique_ptr<Destination> destination, Writer writer, const cli::Log& log, Limits limits = {});
  // Waits until all is written, at most limits.end_time; the rest is lost. A destination that hangs in the
  // kernel is left to its thread, which takes nothing with it that others own.
  ~Audit();
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  // Any thread; never waits. Its time is now. Texts are cut to their limits.
  void write(Event event);
  // Any thread: opens the file again before the next event is written (SIGHUP, for logrotate). If that fails,
  // it goes on with the one it had.
  void reopen();

  // Since the start; any thread.
  std::uint64_t written() const;
  std::uint64_t lost() const;

 private:
  class Queue;
  std::shared_ptr<Queue> queue_;  // shared with the thread
  std::thread thread_;
};

}  // namespace srs::audit
