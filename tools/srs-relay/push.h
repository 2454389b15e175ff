// Push: one stream to one destination, for as long as the stream lasts: connects, publishes, and does so
// again whenever the connection is lost, ever more patiently.
//
// A coroutine on a worker's thread. While the connection stands, it only counts: the bytes go out as a
// player's do, see PushSession.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>

#include "cli/log.h"
#include "hub.h"
#include "push_session.h"
#include "push_url.h"
#include "push_wire.h"

namespace srs::relay {

// What is told of a push, as of the last second.
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

// How long to wait before the next attempt: from 0.5 s on, doubled each time up to 30 s, a fifth more or less
// so that those who lost the same server do not come back all at once.
class Backoff {
 public:
  static constexpr std::chrono::milliseconds shortest{500}, longest{30'000};

  explicit Backoff(std::uint32_t seed) : random_(seed) {}
  std::chrono::milliseconds next();
  void reset() { base_ = shortest; }

 private:
  std::minstd_rand random_;
  std::chrono::milliseconds base_ = shortest;
};

class Push : public std::enable_shared_from_this<Push> {
 public:
  // destination: the URL without secrets, for people. node: our own id. timeline: the name of the stream's,
  // if it came without one. Worker, hub, wires and log must outlive the worker's thread.
  Push(Worker& worker, Hub& hub, PushWires& wires, std::shared_ptr<Stream> stream, PushUrl url,
       const std::string& destination, std::string node, std::string timeline, const cli::Log& log);

  // on_done: called on the hub's thread once it is over; may be empty.
  void start(std::function<void()> on_done);
  // Any thread: ends the stream at the destination properly, soon. So does the end of the stream, but this
  // ends the waiting for a connection, too.
  void stop();
  // Any thread.
  bool done() const { return done_; }
  bool stopping() const { return stopping_; }
  PushState state() const;
  const PushUrl& url() const { return url_; }
  const std::shared_ptr<Stream>& stream() const { return stream_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool going() const { return !stopping_ && !stream_->ended(); }
  asio::awaitable<void> run();
  // Connects and stays; why it is over.
  asio::awaitable<Error> attempt();
  asio::awaitable<Result<rtmp::ClientSession>> open();
  asio::awaitable<Hub::Found> find_wire(std::shared_ptr<const PushWire> wire);
  asio::awaitable<void> attend(Hub::Found found, rtmp::ClientSession client);
  net::Url target() const;
  void take_reconnect_request();
  void count(const PushSession& session);
  void tell_jumps(Clock::time_point now);
  void tell_lost(const std::string& why, std::chrono::milliseconds delay);
  void set(PushState::Kind kind);

  Worker& worker_;
  Hub& hub_;
  PushWires& wires_;
  const std::shared_ptr<Stream> stream_;
  const PushUrl url_;
  const std::string name_;  // "push to rtmps://host:443/app/***"
  const std::string node_, timeline_;
  const cli::Log& log_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> done_ = false;

  // The worker's.
  asio::cancellation_signal cancel_;
  std::shared_ptr<asio::steady_timer> timer_;
  std::shared_ptr<PushSession> session_;  // while it is live
  std::optional<net::Url> moved_to_;      // where the server last sent us, until that fails
  bool at_once_ = false;                  // the next attempt does not wait
  Backoff backoff_;
  std::string told_why_;
  unsigned untold_ = 0;
  std::uint64_t bytes_before_ = 0, jumps_before_ = 0;  // of earlier connections
  std::uint64_t jumps_told_ = 0;
  Clock::time_point told_at_{};

  mutable std::mutex state_mutex_;  // taken once a second
  PushState state_;
};

}  // namespace srs::relay
