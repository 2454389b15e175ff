// Notify reports the service's state to systemd (sd_notify(3)): ready, status, stopping, and, if asked for
// (WatchdogSec=), alive.
//
// Alive means responsive: the main thread's io_context runs the timers, and each watched thread must handle a
// message in time. Without systemd (no NOTIFY_SOCKET) all this does nothing. Belongs to the main thread.
#pragma once

#include <asio/any_io_executor.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace srs::service {

class Notify {
 public:
  // status: returns one line for people; called every few seconds.
  Notify(asio::io_context& io, std::function<std::string()> status);

  // All listeners are open. watched: executors of threads, beside the main one, that must stay responsive;
  // their io_contexts must outlive this object.
  void ready(std::vector<asio::any_io_executor> watched = {});
  // The service is ending, which may take a while.
  void stopping();
  // Cancels the timers, so that the io_context can end.
  void cancel();

 private:
  struct Round;

  void schedule_status();
  void watch();
  void start_round();
  void on_answered();

  asio::io_context& io_;
  std::function<std::string()> status_;
  asio::steady_timer status_timer_, watchdog_timer_;
  std::vector<asio::any_io_executor> watched_;
  std::chrono::microseconds watchdog_interval_{0};  // 0: not asked for
  std::string sent_status_;
  std::shared_ptr<Round> round_;  // being answered
  bool enabled_ = false;          // systemd listens
};

}  // namespace srs::service
