#include "net/stop_signals.h"

#include <unistd.h>

#include <csignal>
#include <utility>

#include "core/block_signals.h"

namespace srs::net {
namespace {

constexpr std::chrono::milliseconds echo_time{500};

}  // namespace

StopSignals::StopSignals(asio::io_context& io, std::function<void()> on_stop, std::function<void()> on_drain)
    : signals_(io, SIGINT, SIGTERM),
      deadline_(io),
      on_stop_(std::move(on_stop)),
      on_drain_(std::move(on_drain)) {
  wait();
}

StopSignals::~StopSignals() {
  const sigset_t before = block_signals();
  asio::error_code ignored;
  signals_.clear(ignored);  // from here on they would end the process again
  ::signal(SIGINT, SIG_IGN);
  ::signal(SIGTERM, SIG_IGN);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void StopSignals::wait() {
  signals_.async_wait([this](const asio::error_code& error, int signal) {
    if (error) return;
    wait();
    on_signal(signal);
  });
}

void StopSignals::on_signal(int signal) {
  const auto now = std::chrono::steady_clock::now();
  const bool is_echo = signal == last_signal_ && now - last_at_ < echo_time;
  last_signal_ = signal;
  last_at_ = now;
  if (is_echo) return;
  const bool is_first = !std::exchange(received_, true);
  if (is_first && signal == SIGTERM && on_drain_) {
    draining_ = true;
    return on_drain_();
  }
  if (!is_first && !draining_) ::_exit(128 + signal);
  draining_ = false;
  start_deadline();
  on_stop_();
}

void StopSignals::on_drained() {
  if (std::exchange(draining_, false)) start_deadline();
}

void StopSignals::start_deadline() {
  deadline_.expires_after(std::chrono::milliseconds(4500));
  deadline_.async_wait([](const asio::error_code& cancelled) {
    if (!cancelled) ::_exit(1);
  });
}

void StopSignals::cancel() {
  asio::error_code ignored;
  signals_.cancel(ignored);
  deadline_.cancel();
}

}  // namespace srs::net
