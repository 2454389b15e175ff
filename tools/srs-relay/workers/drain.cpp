#include "srs-relay/workers/drain.h"

#include <asio/post.hpp>
#include <utility>

#include "cli/quantities.h"
#include "net/listener.h"

namespace srs::relay {
namespace {

constexpr std::chrono::milliseconds between_counts{50};

}  // namespace

// Who is still served, collected from the workers' threads.
struct Drain::Census {
  std::size_t answers_missing = 0;
  std::size_t connections = 0;  // players, and who may become one
  std::size_t players = 0;
};

void Drain::begin(std::chrono::milliseconds time, std::function<std::size_t()> publishers,
                  std::function<void()> done) {
  if (running()) return;
  time_ = time;
  publishers_ = std::move(publishers);
  done_ = std::move(done);
  for (const auto& worker : workers_) asio::post(worker->io(), [&worker = *worker] { worker.drain(); });
  deadline_.expires_after(time);
  deadline_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled || !running()) return;
    log_.info("still there after {}: ends", cli::format_duration(time_));
    finish();
  });
  count_in(net::Listener::hand_over_time);
}

void Drain::count_in(std::chrono::milliseconds time) {
  census_timer_.expires_after(time);
  census_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled && running()) count();
  });
}

void Drain::count() {
  const auto census = census_ = std::make_shared<Census>();
  census->answers_missing = workers_.size();
  for (const auto& each : workers_) {
    asio::post(each->io(), [this, census, &worker = *each] {
      const std::size_t connections = worker.connections();
      const std::size_t players = worker.players();
      asio::post(io_, [this, census, connections, players] {
        census->connections += connections;
        census->players += players;
        if (--census->answers_missing == 0) on_counted(census);
      });
    });
  }
}

void Drain::on_counted(const std::shared_ptr<Census>& census) {
  if (!running() || census != census_) return;
  const std::size_t publishers = publishers_();
  if (census->connections + publishers == 0) return finish();
  if (census->players + publishers > 0 && !std::exchange(logged_, true))
    log_.info("SIGTERM: waits up to {} until {} players and {} publishers have left",
              cli::format_duration(time_), census->players, publishers);
  count_in(between_counts);
}

void Drain::finish() {
  const auto done = std::exchange(done_, nullptr);
  stop();
  done();
}

void Drain::stop() {
  done_ = nullptr;
  census_.reset();
  deadline_.cancel();
  census_timer_.cancel();
}

}  // namespace srs::relay
