#include "srs-bench/bench.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace srs::bench {
namespace {

// Connections begin once all clients are created.
constexpr std::chrono::milliseconds head_start{20};
constexpr std::chrono::milliseconds tick{200};
constexpr rlim_t spare_descriptors = 32;
// Bytes that may queue in the sockets of all counting players, and how they are shared.
constexpr std::size_t waiting_bytes = 256 << 20;
constexpr std::size_t least_waiting_bytes = 8 << 10;
constexpr std::size_t most_waiting_bytes = 64 << 10;

std::size_t low_water_bytes(std::size_t players) {
  return std::clamp(waiting_bytes / players, least_waiting_bytes, most_waiting_bytes);
}

// A joining player gets the past at once: this must be over before the measured time, to not count in its
// rates.
std::chrono::milliseconds settling_time(std::chrono::milliseconds time) {
  constexpr std::chrono::milliseconds most{1000};
  return time.count() > 0 ? std::min(most, time / 10) : most;
}

// Waits for a stop signal.
bool stop_requested(std::chrono::nanoseconds patience) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  const timespec time{0, std::max<std::int64_t>(0, patience.count())};
  return ::sigtimedwait(&signals, nullptr, &time) > 0;
}

}  // namespace

Result<void> Bench::raise_descriptor_limit() const {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  // An HLS player has a connection for playlists and one for media.
  const rlim_t each = options_.hls ? 2 : 1;
  const rlim_t wanted = each * options_.count + spare_descriptors + options_.threads;
  if (limit.rlim_cur >= wanted) return {};
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return {};
  return Error{
      Errc::io,
      fmt::format("{} connections need {} file descriptors and the limit is {}: raise it (ulimit -n)",
                  each * options_.count, wanted, limit.rlim_max)};
}

Result<void> Bench::prepare() {
  if (auto begun = costs_.begin(); !begun) return std::move(begun).error().in("--pid");
  if (auto raised = raise_descriptor_limit(); !raised) return raised;
  auto url = net::parse_url(options_.url_template.url(0));
  if (!url) return std::move(url).error();
  auto address = resolve(*url);
  if (!address) return std::move(address).error();
  auto local = local_addresses(options_.bind, *address);
  if (!local) return std::move(local).error().in("--bind");
  local_addresses_ = *std::move(local);
  auto trust = net::TlsContext::client(options_.authorities);
  if (!trust) return std::move(trust).error().in("--tls-ca");
  player_settings_ = {*address, options_.timeout, low_water_bytes(options_.count), std::nullopt, *trust};
  const bool playing = options_.mode == Mode::play;
  if (options_.hls)
    hls_settings_.emplace(HlsSettings{{*address, url->authority(), tls_target(*url, *trust)},
                                      options_.timeout,
                                      options_.low_latency,
                                      options_.variant,
                                      std::make_unique<Deliveries>(),
                                      *trust});
  if (playing && options_.reference.empty()) return {};
  auto recording = Recording::load(playing ? options_.reference : options_.input);
  if (!recording) return std::move(recording).error();
  if (playing) {
    player_settings_.reference.emplace(*recording);
    return {};
  }
  publisher_settings_ = {*address, options_.timeout, options_.embeds_clock, *std::move(recording), *trust};
  return {};
}

std::unique_ptr<Client> Bench::make_client(Worker& worker, std::size_t number) const {
  auto url = net::parse_url(options_.url_template.url(number));
  if (!url) throw std::runtime_error(url.error().message);
  std::unique_ptr<Client> client;
  if (hls_settings_)
    client = std::make_unique<HlsPlayer>(worker.loop(), worker.buffer(),
                                         *playlists_[number % workers_.size()], worker.figures(),
                                         worker.progress(), *url, *hls_settings_, is_verified(number));
  else if (options_.mode == Mode::play)
    client = std::make_unique<Player>(worker.loop(), worker.buffer(), worker.figures(), worker.progress(),
                                      *std::move(url), player_settings_, is_verified(number));
  else
    client = std::make_unique<Publisher>(worker.loop(), worker.buffer(), worker.figures(), worker.progress(),
                                         *std::move(url), publisher_settings_);
  if (!local_addresses_.empty()) client->bind_to(local_addresses_[number % local_addresses_.size()]);
  return client;
}

// Spread evenly.
bool Bench::is_verified(std::size_t number) const {
  const auto before = [&](std::size_t n) { return n * options_.verified / options_.count; };
  return before(number + 1) > before(number);
}

void Bench::run() {
  for (unsigned i = 0; i < options_.threads; ++i) {
    workers_.push_back(std::make_unique<Worker>());
    playlists_.push_back(std::make_unique<PlaylistCache>());
  }
  const auto start = Clock::now() + head_start;
  for (std::size_t i = 0; i < options_.count; ++i) {
    Worker& worker = *workers_[i % workers_.size()];
    worker.add(make_client(worker, i), start + static_cast<std::int64_t>(i) * options_.start_interval);
  }
  const auto all_started = start + static_cast<std::int64_t>(options_.count - 1) * options_.start_interval;
  const auto end = options_.time.count() > 0 ? all_started + options_.time : Clock::time_point::max();
  const auto mark =
      all_started + (options_.settle.count() > 0 ? options_.settle : settling_time(options_.time));
  for (auto& worker : workers_) worker->run(mark);
  if (wait_until(mark)) {
    warn(costs_.mark());
    // No client got any media: the server's error messages are all there is to learn.
    if (wait_until(end) && sum(&Progress::running) == 0)
      wait_until(std::max(end, all_started + options_.timeout + tick));
    measured_seconds_ = std::chrono::duration<double>(Clock::now() - mark).count();
    warn(costs_.end());
  }
  for (auto& worker : workers_) worker->request_stop();
  for (auto& worker : workers_) worker->stop();
  show_progress(true);
}

bool Bench::wait_until(Clock::time_point time) const {
  for (auto now = Clock::now(); now < time; now = Clock::now()) {
    if (stop_requested(std::min<Clock::duration>(tick, time - now))) return false;
    show_progress(false);
    if (sum(&Progress::done) == options_.count) return false;
  }
  return true;
}

void Bench::warn(const Result<void>& outcome) const {
  if (!outcome) log_.warning("--pid: {}", outcome.error().message);
}

std::uint64_t Bench::sum(std::atomic<std::uint64_t> Progress::*figure) const {
  std::uint64_t sum = 0;
  for (const auto& worker : workers_) sum += (worker->progress().*figure).load(std::memory_order_relaxed);
  return sum;
}

void Bench::show_progress(bool last) const {
  if (!::isatty(STDERR_FILENO) || !log_.enabled(cli::LogLevel::info)) return;
  const std::string line = last ? "\r\033[K"
                                : fmt::format("\r{} of {} running, {} failed, {:.1f} MB\033[K",
                                              sum(&Progress::running), options_.count, sum(&Progress::failed),
                                              static_cast<double>(sum(&Progress::bytes)) / 1e6);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

Totals Bench::totals() const {
  Totals totals;
  totals.measured_seconds = measured_seconds_;
  for (const auto& worker : workers_) {
    totals.add(worker->figures());
    for (const auto& client : worker->clients()) totals.add(client->figures());
  }
  if (hls_settings_) totals.deliveries = hls_settings_->deliveries->figures();
  totals.costs = costs_.costs();
  totals.compared = player_settings_.reference.has_value();
  totals.finish();
  return totals;
}

}  // namespace srs::bench
