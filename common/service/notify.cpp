#include "service/notify.h"

#include <systemd/sd-daemon.h>

#include <asio/post.hpp>
#include <cstdint>
#include <cstdlib>
#include <utility>

namespace srs::service {
namespace {

constexpr std::chrono::seconds between_status{3};

void notify(const std::string& state) {
  // If this fails, there is nobody to report it to.
  [[maybe_unused]] const int sent = ::sd_notify(0, state.c_str());
}

}  // namespace

// One question to each thread; answers are counted on the main one.
struct Notify::Round {
  std::size_t answers_missing = 0;
};

Notify::Notify(asio::io_context& io, std::function<std::string()> status)
    : io_(io),
      status_(std::move(status)),
      status_timer_(io),
      watchdog_timer_(io),
      enabled_(std::getenv("NOTIFY_SOCKET") != nullptr) {
  std::uint64_t interval_us = 0;
  if (enabled_ && ::sd_watchdog_enabled(0, &interval_us) > 0)
    watchdog_interval_ = std::chrono::microseconds(interval_us);
}

void Notify::ready(std::vector<asio::any_io_executor> watched) {
  if (!enabled_) return;
  watched_ = std::move(watched);
  sent_status_ = status_();
  notify("READY=1\nSTATUS=" + sent_status_);
  schedule_status();
  if (watchdog_interval_.count() > 0) watch();
}

void Notify::schedule_status() {
  status_timer_.expires_after(between_status);
  status_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    std::string status = status_();
    if (status != sent_status_) notify("STATUS=" + status);
    sent_status_ = std::move(status);
    schedule_status();
  });
}

void Notify::watch() {
  if (!round_) start_round();
  watchdog_timer_.expires_after(watchdog_interval_ / 2);
  watchdog_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) watch();
  });
}

// Until all threads have answered a round, no other starts, and systemd hears nothing.
void Notify::start_round() {
  round_ = std::make_shared<Round>();
  round_->answers_missing = watched_.size() + 1;
  for (const auto& thread : watched_)
    asio::post(thread, [this, round = round_] {
      asio::post(io_, [this, round] {
        if (round == round_) on_answered();
      });
    });
  on_answered();
}

void Notify::on_answered() {
  if (--round_->answers_missing > 0) return;
  round_.reset();
  notify("WATCHDOG=1");
}

void Notify::stopping() {
  if (enabled_) notify("STOPPING=1");
}

void Notify::cancel() {
  status_timer_.cancel();
  watchdog_timer_.cancel();
}

}  // namespace srs::service
