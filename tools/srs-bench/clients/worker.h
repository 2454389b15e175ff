// Worker: a thread with an event loop and every T-th client of the run.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "srs-bench/clients/client.h"

namespace srs::bench {

class Worker {
 public:
  Worker() : buffer_(buffer_size) {}

  // Call it before run(). The client starts at `at`.
  void add(std::unique_ptr<Client> client, Clock::time_point at);
  // Starts the thread. Measuring begins at `mark`.
  void run(Clock::time_point mark);
  void request_stop() { stopping_ = true; }
  // Ends all clients and the thread.
  void stop();

  EventLoop& loop() { return loop_; }
  std::vector<std::uint8_t>& buffer() { return buffer_; }
  ThreadFigures& figures() { return figures_; }
  Progress& progress() { return progress_; }
  const std::vector<std::unique_ptr<Client>>& clients() const { return clients_; }

 private:
  static constexpr std::size_t buffer_size = 256 * 1024;

  void loop_until_stopped(Clock::time_point mark);
  void tick_some(Clock::time_point now);

  EventLoop loop_;
  std::vector<std::uint8_t> buffer_;
  ThreadFigures figures_;
  Progress progress_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::size_t next_tick_ = 0;
  Clock::time_point ticked_until_{};
  std::atomic<bool> stopping_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace srs::bench
