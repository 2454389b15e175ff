// Push: publishes one stream to one destination for as long as the stream lasts, and reconnects with a
// back-off when the connection is lost.
//
// A coroutine on a worker's thread. While connected it only updates counters: the bytes are sent like a
// player's, see PushSession.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cli/log.h"
#include "live/backoff.h"
#include "net/timer.h"
#include "srs-relay/push/push_session.h"
#include "srs-relay/push/push_url.h"
#include "srs-relay/push/push_wire.h"
#include "srs-relay/streams/hub.h"

namespace srs::relay {

// What operators see of a push; updated each second.
struct PushState {
  enum Kind { connecting, live, waiting, ended } kind = connecting;
  std::string path;         // of the stream
  std::string destination;  // without secrets
  std::string why;          // the last connection was lost, or not made; empty: there was none before
  std::uint64_t sent_bytes = 0;
  std::uint64_t reconnects = 0;  // attempts after the first
  std::uint64_t jumps = 0;       // to a newer key frame, because the destination was too slow
  std::chrono::milliseconds lag{0};
};

class Push : public std::enable_shared_from_this<Push> {
 public:
  // destination: the URL without secrets, for logs. node: our own id. timeline: name for the stream's
  // timeline if it has none. tls: whom to trust for rtmps://; null: the system's authorities. Worker, hub,
  // wires and log must outlive the worker's thread.
  Push(Worker& worker, Hub& hub, PushWires& wires, std::shared_ptr<Stream> stream, PushUrl url,
       const std::string& destination, std::string node, std::string timeline,
       std::shared_ptr<const net::TlsContext> tls, const cli::Log& log);

  // on_done: called on the hub's thread once it is over; may be empty.
  void start(std::function<void()> on_done);
  // Any thread: ends the stream at the destination properly, and cancels a connection attempt or a wait for
  // one. The end of the stream alone cancels neither.
  void stop();
  // Any thread.
  bool done() const { return done_; }
  bool stopping() const { return stopping_; }
  PushState state() const;
  const PushUrl& url() const { return url_; }
  const std::shared_ptr<Stream>& stream() const { return stream_; }

 private:
  Clock::TimePoint now() const { return worker_.clock().steady(); }
  bool going() const { return !stopping_ && !stream_->ended(); }
  asio::awaitable<void> run();
  // Connects and serves the connection to its end; returns why it ended.
  asio::awaitable<Error> attempt();
  asio::awaitable<Result<rtmp::ClientSession>> open();
  asio::awaitable<Hub::Found> find_wire(std::shared_ptr<const PushWire> wire);
  asio::awaitable<void> run_session(Hub::Found found, rtmp::ClientSession client);
  net::Url target() const;
  void on_reconnect_request();
  void count(const PushSession& session);
  void log_jumps();
  void report_lost(const std::string& why, std::chrono::milliseconds delay);
  void set(PushState::Kind kind);

  Worker& worker_;
  Hub& hub_;
  PushWires& wires_;
  const std::shared_ptr<Stream> stream_;
  const PushUrl url_;
  const std::string name_;  // "push to rtmps://host:443/app/***"
  const std::string node_, timeline_;
  const std::shared_ptr<const net::TlsContext> tls_;
  const cli::Log& log_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> done_ = false;

  // The worker's.
  asio::cancellation_signal cancel_;
  std::shared_ptr<net::Timer> timer_;
  std::shared_ptr<PushSession> session_;  // while it is live
  std::optional<net::Url> moved_to_;      // where the server last sent us, until that fails
  bool at_once_ = false;                  // the next attempt does not wait
  live::Backoff backoff_;
  std::string logged_why_;
  unsigned unlogged_ = 0;
  std::uint64_t bytes_before_ = 0, jumps_before_ = 0;  // of earlier connections
  std::uint64_t jumps_logged_ = 0;
  Clock::TimePoint logged_at_{};

  mutable std::mutex state_mutex_;  // taken once a second
  PushState state_;
};

}  // namespace srs::relay
