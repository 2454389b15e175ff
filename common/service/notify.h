// Notify: tells systemd how the service goes (sd_notify(3)): that it is ready, what it does, that it ends,
// and, if it asks for that (WatchdogSec=), that it is alive.
//
// Alive is who answers: the main thread's io_context runs the timers, and each of the watched threads has to
// take a message in time. Without systemd (no NOTIFY_SOCKET) all this does nothing. Belongs to the main
// thread.
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
  // status: one line for people, asked for every few seconds.
  Notify(asio::io_context& io, std::function<std::string()> status);

  // Everything listens. watched: of the threads beside the main one that must go on; their io_contexts must
  // outlive this object.
  void ready(std::vector<asio::any_io_executor> watched = {});
  // The end has begun; it may take a while.
  void stopping();
  // Lets the io_context end.
  void cancel();

 private:
  struct Round;

  void tell_status();
  void watch();
  void ask_round();
  void on_answered();

  asio::io_context& io_;
  std::function<std::string()> status_;
  asio::steady_timer status_timer_, watchdog_timer_;
  std::vector<asio::any_io_executor> watched_;
  std::chrono::microseconds watchdog_interval_{0};  // 0: nobody asks
  std::string told_status_;
  std::shared_ptr<Round> round_;  // being answered
  bool is_told_ = false;          // there is somebody to tell
};

}  // namespace srs::service
