#include "pulls.h"

#include <algorithm>

#include "cluster.h"
#include "media/via.h"
#include "net/spawn.h"
#include "pull.h"

namespace srs::relay {
namespace {

// Streams that are wanted and may not exist at all must not exhaust us.
constexpr std::size_t max_pulls = 10'000;
constexpr std::chrono::milliseconds shortest_tick{20}, longest_tick{250};

}  // namespace

Pulls::Pulls(asio::io_context& io, PullOptions options, Hub& hub, Origins& origins, http::Client& http,
             const cli::Log& log)
    : io_(io),
      options_(std::move(options)),
      hub_(hub),
      origins_(origins),
      http_(http),
      log_(log),
      tend_timer_(io) {
  tend();
}

Pulls::~Pulls() = default;

bool Pulls::want(const Wanted& wanted) {
  if (stopped_) return false;
  if (const auto found = pulls_.find(wanted.path); found != pulls_.end()) return found->second->is_trying();
  if (pulls_.size() >= max_pulls) return false;
  const auto pull = std::make_shared<Pull>(*this, wanted);
  pulls_[wanted.path] = pull;
  net::spawn(io_.get_executor(), pull->run(), "pull", log_);
  return true;
}

// A round asks each origin once: for a connection and then for media.
std::chrono::milliseconds Pulls::round_time() const {
  const std::size_t origins = origins_.size() + (cluster_ == nullptr ? 0 : Cluster::most_origins);
  const std::chrono::seconds look_up(cluster_ == nullptr ? 0 : 1);
  return options_.timeout * (2 * std::max<std::size_t>(origins, 1)) + look_up + std::chrono::seconds(1);
}

asio::awaitable<std::vector<OriginPtr>> Pulls::origins_of(std::string path, std::optional<bool> over_http) {
  std::vector<OriginPtr> origins;
  if (cluster_ != nullptr) origins = co_await cluster_->origins_of(path, over_http);
  for (const OriginPtr& origin : origins_.order(path)) {
    // What we know of an origin's health counts, not what the registry's look-ups made of it.
    const auto same = std::find_if(origins.begin(), origins.end(), [&](const OriginPtr& known) {
      return known->spec.name() == origin->spec.name();
    });
    if (same == origins.end() || (*same)->found_until == Origin::Clock::time_point()) {
      origins.push_back(origin);
    } else {
      *same = origin;
    }
  }
  std::stable_partition(origins.begin(), origins.end(),
                        [](const OriginPtr& origin) { return origin->is_well(); });
  co_return origins;
}

void Pulls::yield(const std::string& path) {
  const auto found = pulls_.find(path);
  if (found == pulls_.end()) return;
  const auto pull = found->second;
  log_.info("{}: a publisher is here: no longer fetched", path);
  pull->stop();
}

void Pulls::redirect(Wanted wanted, std::function<void(std::optional<net::Url>)> done) {
  net::spawn(io_.get_executor(), find_elsewhere(std::move(wanted), std::move(done)), "redirect", log_);
}

// The first origin that is well and serves the player's protocol. Its query goes along.
asio::awaitable<void> Pulls::find_elsewhere(Wanted wanted,
                                            std::function<void(std::optional<net::Url>)> done) {
  std::vector<OriginPtr> origins = co_await origins_of(wanted.path, wanted.over_http);
  std::erase_if(origins, [&](const OriginPtr& origin) { return origin->spec.is_http() != wanted.over_http; });
  if (origins.empty()) {
    done(std::nullopt);
    co_return;
  }
  const Origin& origin = *origins.front();
  net::Url target = origin.spec.url_of(wanted.path);
  if (const auto address = net::parse_url(target.scheme + "://" + origin.connect_to);
      address && !origin.connect_to.empty()) {
    target.host = address->host;
    target.port = address->port;
  }
  if (!wanted.query.empty()) target.query += (target.query.empty() ? "" : "&") + wanted.query;
  log_.debug("{}: a player is sent to {}", wanted.path, origin.name());
  done(std::move(target));
}

void Pulls::forget(const Pull& pull) {
  const auto found = pulls_.find(pull.path());
  if (found != pulls_.end() && found->second.get() == &pull) pulls_.erase(found);
}

std::vector<PullState> Pulls::states() const {
  std::vector<PullState> states;
  for (const auto& [path, pull] : pulls_)
    if (const auto state = pull->state()) states.push_back(*state);
  return states;
}

bool Pulls::cut_off(std::uint64_t number) {
  for (const auto& [path, pull] : pulls_) {
    const auto state = pull->state();
    if (!state || state->number != number) continue;
    log_.info("{}: origin {} is left: an operator cut it off", path, state->origin);
    pull->cut_off();
    return true;
  }
  return false;
}

void Pulls::tend() {
  tend_timer_.expires_after(
      std::clamp<std::chrono::milliseconds>(options_.timeout / 8, shortest_tick, longest_tick));
  tend_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    const auto pulls = pulls_;
    for (const auto& [path, pull] : pulls) pull->tend(std::chrono::steady_clock::now());
    tend();
  });
}

void Pulls::stop() {
  if (std::exchange(stopped_, true)) return;
  tend_timer_.cancel();
  const auto pulls = pulls_;
  for (const auto& [path, pull] : pulls) pull->stop();
}

}  // namespace srs::relay
