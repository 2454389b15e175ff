// Client: figures, and a turn to start: a Player, an HlsPlayer or a Publisher.
#pragma once

#include "connection.h"
#include "figures.h"

namespace srs::bench {

class Client {
 public:
  Client(ThreadFigures& thread, Progress& progress) : thread_(thread), progress_(progress) {}
  virtual ~Client() = default;

  // Connects from there; lives longer than the client.
  virtual void bind_to(const Address& local) = 0;
  // Begins at `at`.
  virtual void start_at(Clock::time_point at) = 0;
  // A few times a second: for what no event tells.
  virtual void look(Clock::time_point now) = 0;
  // All clients have started: what is measured counts from now on.
  void mark(Clock::time_point now) {
    look(now);
    figures_.bytes_at_mark = figures_.bytes;
  }
  // The run is over.
  virtual void finish(Clock::time_point now) = 0;
  const ClientFigures& figures() const { return figures_; }

 protected:
  ClientFigures& own() { return figures_; }
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
  void give_up(const std::string& reason) {
    figures_.failure = reason;
    enter(ClientState::failed);
  }

 private:
  ClientFigures figures_;
  ThreadFigures& thread_;
  Progress& progress_;
  Clock::time_point started_{};
};

// A client with one connection, on which everything comes and goes.
class StreamClient : public Client, public Connection {
 public:
  StreamClient(EventLoop& loop, std::vector<std::uint8_t>& buffer, ThreadFigures& thread, Progress& progress)
      : Client(thread, progress), Connection(loop, buffer) {}

  void bind_to(const Address& local) final { Connection::bind_to(local); }
  void start_at(Clock::time_point at) final { loop().set_timer(*this, at); }
  void look(Clock::time_point now) final { Connection::look(now); }
};

}  // namespace srs::bench
