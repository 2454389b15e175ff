// Client: the common part of Player, HlsPlayer and Publisher: its figures, and its start time.
#pragma once

#include "srs-bench/figures/figures.h"
#include "srs-bench/loop/connection.h"

namespace srs::bench {

class Client {
 public:
  Client(ThreadFigures& thread, Progress& progress) : thread_(thread), progress_(progress) {}
  virtual ~Client() = default;

  // The local address to connect from; outlives the client.
  virtual void bind_to(const Address& local) = 0;
  // Schedules the start.
  virtual void start_at(Clock::time_point at) = 0;
  // Called a few times a second, for what no event reports.
  virtual void tick(Clock::time_point now) = 0;
  // All clients have started: the measured time begins.
  void mark(Clock::time_point now) {
    tick(now);
    figures_.bytes_at_mark = figures_.bytes;
  }
  // The run is over.
  virtual void finish(Clock::time_point now) = 0;
  const ClientFigures& figures() const { return figures_; }

 protected:
  ClientFigures& mutable_figures() { return figures_; }
  ThreadFigures& thread() { return thread_; }
  Progress& progress() { return progress_; }
  Clock::time_point started() const { return started_; }
  Microseconds since_start() const {
    return std::chrono::duration_cast<Microseconds>(Clock::now() - started_);
  }

  void begin(Clock::time_point now) {
    started_ = now;
    enter(ClientState::starting);
  }
  void enter(ClientState state) {
    if (figures_.state == ClientState::running) --progress_.running;
    if (state == ClientState::running) ++progress_.running;
    if (state == ClientState::failed) ++progress_.failed;
    if (state == ClientState::failed || state == ClientState::ended) ++progress_.done;
    figures_.state = state;
  }
  // detail: the server's message, or the like; may be empty.
  void give_up(const std::string& reason, const std::string& detail = {}) {
    figures_.failure = reason;
    figures_.detail = detail;
    enter(ClientState::failed);
  }

 private:
  ClientFigures figures_;
  ThreadFigures& thread_;
  Progress& progress_;
  Clock::time_point started_{};
};

// A client with a single connection.
class StreamClient : public Client, public Connection {
 public:
  StreamClient(EventLoop& loop, std::vector<std::uint8_t>& buffer, ThreadFigures& thread, Progress& progress)
      : Client(thread, progress), Connection(loop, buffer) {}

  void bind_to(const Address& local) final { Connection::bind_to(local); }
  void start_at(Clock::time_point at) final { loop().set_timer(*this, at); }
  void tick(Clock::time_point now) final { Connection::tick(now); }
};

}  // namespace srs::bench
