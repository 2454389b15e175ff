#include "net/reload_signal.h"

#include <csignal>

namespace srs::net {

ReloadSignal::ReloadSignal(asio::io_context& io, const cli::Log& log) : log_(log), signals_(io, SIGHUP) {
  wait();
}

void ReloadSignal::wait() {
  signals_.async_wait([this](const asio::error_code& error, int) {
    if (error) return;
    wait();
    if (callbacks_.empty()) log_.info_by({"nothing to reload", {}}, "SIGHUP: there is no file to read again");
    for (const auto& callback : callbacks_) callback();
  });
}

void ReloadSignal::cancel() {
  asio::error_code ignored;
  signals_.cancel(ignored);
}

}  // namespace srs::net
