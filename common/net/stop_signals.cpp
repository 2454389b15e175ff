#include "net/stop_signals.h"

#include <unistd.h>

#include <chrono>
#include <csignal>

namespace srs::net {

StopSignals::StopSignals(asio::io_context& io, std::function<void()> on_stop)
    : signals_(io, SIGINT, SIGTERM), deadline_(io), on_stop_(std::move(on_stop)) {
  wait();
}

void StopSignals::wait() {
  signals_.async_wait([this](const asio::error_code& error, int signal) {
    if (error) return;
    if (received_) ::_exit(128 + signal);
    received_ = true;
    deadline_.expires_after(std::chrono::milliseconds(4500));
    deadline_.async_wait([](const asio::error_code& cancelled) {
      if (!cancelled) ::_exit(1);
    });
    wait();
    on_stop_();
  });
}

void StopSignals::cancel() {
  asio::error_code ignored;
  signals_.cancel(ignored);
  deadline_.cancel();
}

}  // namespace srs::net
