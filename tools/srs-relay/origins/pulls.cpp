#include "srs-relay/origins/pulls.h"

#include <algorithm>

#include "media/via.h"
#include "net/spawn.h"
#include "srs-relay/origins/cluster.h"
#include "srs-relay/origins/pull.h"
#include "srs-relay/origins/pull_query.h"

namespace srs::relay {
namespace {

constexpr std::chrono::seconds refusal_holds{1};
constexpr std::chrono::seconds permission_holds{10};
// Entries are names of a few hundred bytes and queries of at most 2 KiB.
constexpr std::size_t most_remembered = 4096;
// Testing a permit of a playing stream is cheap for the origin, so an address may have many.
constexpr std::size_t questions_per_search = 4;
constexpr std::chrono::milliseconds shortest_tick{20}, longest_tick{250};

// Paths hold no line break, so the keys of one path are adjacent.
std::string key_of(const std::string& path, const std::string& permit) {
  return path + '\n' + permit;
}

}  // namespace

Pulls::Pulls(asio::io_context& io, const Clock& clock, PullOptions options, Hub& hub, Origins& origins,
             http::Client& http, const cli::Log& log)
    : io_(io),
      clock_(clock),
      options_(std::move(options)),
      hub_(hub),
      origins_(origins),
      http_(http),
      log_(log),
      searches_(options_.max_pulls, options_.max_pulls_per_address),
      questions_(options_.max_pulls, questions_per_search * options_.max_pulls_per_address),
      absent_(refusal_holds, most_remembered),
      denied_(refusal_holds, most_remembered),
      permitted_(permission_holds, most_remembered),
      tick_timer_(io, clock) {
  tick();
}

Pulls::~Pulls() = default;

std::string Pulls::permit(const std::string& query) const {
  return options_.forward_query ? forwarded_query(query) : std::string();
}

bool Pulls::permits(const Wanted& wanted) const {
  return !options_.forward_query || permitted_.contains(key_of(wanted.path, wanted.permit), clock_.steady());
}

Wish Pulls::want(const Wanted& wanted) {
  if (stopped_) return Wish::nobody;
  const std::string key = key_of(wanted.path, wanted.permit);
  const auto now = clock_.steady();
  if (denied_.contains(key, now)) return Wish::refused;
  if (const auto found = pulls_.find(key); found != pulls_.end())
    return found->second->is_trying() ? Wish::fetching : Wish::nobody;
  // A patient player waits until it may be asked for again.
  const auto not_before = absent_.left(key, now);
  if (not_before.count() > 0 && wanted.patience <= not_before) return Wish::refused;
  auto share = pulls_.size() < options_.max_pulls ? share_for(wanted) : std::nullopt;
  if (!share) {
    log_.warning_by({"too many streams are looked for", wanted.client},
                    "{}: {} wants it, but too many streams are looked for already: see --max-pulls",
                    wanted.path, wanted.client);
    return Wish::refused;
  }
  const auto pull = std::make_shared<Pull>(*this, wanted, *std::move(share), now + not_before);
  pulls_[key] = pull;
  net::spawn(io_.get_executor(), Pull::run(pull), "pull", log_);
  return Wish::fetching;
}

std::optional<Shares::Share> Pulls::share_for(const Wanted& wanted) {
  return (fetching_.contains(wanted.path) ? questions_ : searches_).acquire(wanted.address());
}

bool Pulls::admit(Pull& pull) {
  if (options_.forward_query) permitted_.add(key_of(pull.path(), pull.permit()), clock_.steady());
  Pull*& fetching = fetching_[pull.path()];
  const bool is_first = fetching == nullptr || fetching == &pull;
  if (is_first) {
    fetching = &pull;
  } else {
    fetching->add_permit(pull.permit());
  }
  hub_.admit(pull.path(), pull.permit());
  return is_first;
}

void Pulls::on_absent(const Pull& pull) {
  absent_.add(key_of(pull.path(), pull.permit()), clock_.steady());
}

void Pulls::deny(const Pull& pull) {
  denied_.add(key_of(pull.path(), pull.permit()), clock_.steady());
  hub_.deny(pull.path(), pull.permit());
}

// A round asks each origin once: for a connection and then for media.
std::chrono::milliseconds Pulls::round_time() const {
  const std::size_t origins = origins_.size() + (cluster_ == nullptr ? 0 : Cluster::most_origins);
  const std::chrono::seconds look_up(cluster_ == nullptr ? 0 : 1);
  return options_.timeout * (2 * std::max<std::size_t>(origins, 1)) + look_up + std::chrono::seconds(1);
}

asio::awaitable<std::vector<OriginPtr>> Pulls::origins_of(std::string path,
                                                          std::optional<std::string_view> protocol) {
  std::vector<OriginPtr> origins;
  if (cluster_ != nullptr) origins = co_await cluster_->origins_of(path, protocol);
  for (const OriginPtr& origin : origins_.order(path)) {
    // The configured origin's health counts, not that of the registry's entry.
    const auto same = std::find_if(origins.begin(), origins.end(), [&](const OriginPtr& known) {
      return known->spec.key() == origin->spec.key();
    });
    if (same == origins.end() || (*same)->found_until == Clock::TimePoint()) {
      origins.push_back(origin);
    } else {
      *same = origin;
    }
  }
  std::stable_partition(origins.begin(), origins.end(),
                        [now = clock_.steady()](const OriginPtr& origin) { return origin->available(now); });
  co_return origins;
}

void Pulls::yield(const std::string& path) {
  std::vector<std::shared_ptr<Pull>> all;
  for (auto at = pulls_.lower_bound(key_of(path, "")); at != pulls_.end() && at->second->path() == path; ++at)
    all.push_back(at->second);
  if (all.empty()) return;
  log_.info_by({"publishers of pulled streams", {}, cli::log_burst},
               "{}: a publisher is here: no longer fetched", path);
  for (const auto& pull : all) pull->stop();
}

void Pulls::redirect(Wanted wanted, std::function<void(std::optional<net::Url>)> done) {
  net::spawn(io_.get_executor(), find_elsewhere(std::move(wanted), std::move(done)), "redirect", log_);
}

// Takes the first available origin that serves the player's protocol. The query goes along.
asio::awaitable<void> Pulls::find_elsewhere(Wanted wanted,
                                            std::function<void(std::optional<net::Url>)> done) {
  std::vector<OriginPtr> origins = co_await origins_of(wanted.path, wanted.protocol);
  std::erase_if(origins,
                [&](const OriginPtr& origin) { return origin->spec.protocol().scheme != wanted.protocol; });
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
  const auto fetching = fetching_.find(pull.path());
  if (fetching != fetching_.end() && fetching->second == &pull) fetching_.erase(fetching);
  const auto found = pulls_.find(key_of(pull.path(), pull.first_permit()));
  if (found != pulls_.end() && found->second.get() == &pull) pulls_.erase(found);
}

std::vector<PullState> Pulls::states() const {
  std::vector<PullState> states;
  for (const auto& [key, pull] : pulls_)
    if (const auto state = pull->state()) states.push_back(*state);
  return states;
}

bool Pulls::cut_off(std::uint64_t number) {
  for (const auto& [key, pull] : pulls_) {
    const auto state = pull->state();
    if (!state || state->number != number) continue;
    log_.info("{}: origin {} is left: an operator cut it off", pull->path(), state->origin);
    pull->cut_off();
    return true;
  }
  return false;
}

void Pulls::tick() {
  tick_timer_.expires_after(
      std::clamp<std::chrono::milliseconds>(options_.timeout / 8, shortest_tick, longest_tick));
  tick_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    std::vector<std::shared_ptr<Pull>> fetching;  // an ending pull leaves the map
    for (const auto& [path, pull] : fetching_) fetching.push_back(pull->shared_from_this());
    for (const auto& pull : fetching) pull->tick(clock_.steady());
    tick();
  });
}

void Pulls::stop() {
  if (std::exchange(stopped_, true)) return;
  tick_timer_.cancel();
  const auto pulls = pulls_;
  for (const auto& [key, pull] : pulls) pull->stop();
}

}  // namespace srs::relay
