#include "origins.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <charconv>
#include <cmath>
#include <random>

#include "cli/command_line.h"
#include "net/spawn.h"
#include "origin_probe.h"

namespace srs::relay {
namespace {

constexpr std::chrono::milliseconds first_backoff{500};
constexpr std::chrono::milliseconds last_backoff{30'000};
constexpr std::chrono::seconds leaving_time{10};
constexpr std::chrono::seconds between_metrics{3};
constexpr std::chrono::seconds between_look_ups{30};
// Of one name. Each is an origin: it is probed, and listed.
constexpr std::size_t max_addresses = 64;
// At once; an origin that is not probed is well again once it has served a stream.
constexpr std::size_t max_probes = 256;
// A name that could not be looked up is tried again sooner.
constexpr std::chrono::seconds after_failed_look_up{2};

// Doubled with each failure, and never the same for two nodes.
std::chrono::milliseconds backoff(unsigned failures) {
  static thread_local std::minstd_rand random(std::random_device{}());
  const auto doubled = first_backoff * (1u << std::min(failures - 1, 10u));
  const double spread = std::uniform_real_distribution(0.8, 1.2)(random);
  return std::chrono::milliseconds(
      std::llround(static_cast<double>(std::min(doubled, last_backoff).count()) * spread));
}

std::string endpoint(const net::Address& address) {
  return address.host.find(':') == std::string::npos ? fmt::format("{}:{}", address.host, address.port)
                                                     : fmt::format("[{}]:{}", address.host, address.port);
}

}  // namespace

// An origin as it was given, with the addresses that its name has now.
struct Origins::Named {
  OriginSpec spec;
  std::vector<OriginPtr> addresses;  // in a fixed order
  bool given = true;                 // still in the list
  Origin::Clock::time_point look_up_due{};
  bool failed_before = false;
};

std::string Origin::name() const {
  return connect_to.empty() || connect_to == spec.url.authority()
             ? spec.name()
             : fmt::format("{} ({})", spec.name(), connect_to);
}

OriginState Origin::state() const {
  return {name(), healthy(), failures_in_all, last_error, pulls, reported_load};
}

Origins::Origins(asio::io_context& io, Options options, http::Client& http, const cli::Log& log)
    : io_(io),
      options_(std::move(options)),
      http_(http),
      log_(log),
      balancer_(options_.balance),
      resolver_(io),
      tend_timer_(io) {
  set(options_.origins);
}

Origins::~Origins() = default;

Result<void> Origins::load() {
  if (options_.file.empty()) return {};
  auto read = read_origins_file(options_.file);
  if (!read) return std::move(read).error();
  std::vector<OriginSpec> all = options_.origins;
  all.insert(all.end(), read->begin(), read->end());
  set(all);
  return {};
}

// What is known of an origin that stays is kept.
void Origins::set(const std::vector<OriginSpec>& specs) {
  for (auto& [name, named] : named_) named->given = false;
  for (const OriginSpec& spec : specs) {
    std::shared_ptr<Named>& named = named_[spec.key()];
    if (!named) named = std::make_shared<Named>();
    named->spec = spec;
    named->given = true;
    // Until its name has been looked up.
    if (named->addresses.empty() && !spec.is_srv()) named->addresses.push_back(std::make_shared<Origin>());
    for (const OriginPtr& origin : named->addresses)
      if (origin->connect_to.empty()) origin->spec = spec;
    named->look_up_due = {};
  }
  std::erase_if(named_, [](const auto& entry) { return !entry.second->given; });
  rebuild();
}

void Origins::rebuild() {
  origins_.clear();
  for (const auto& [name, named] : named_)
    origins_.insert(origins_.end(), named->addresses.begin(), named->addresses.end());
}

void Origins::start() {
  tend();
}

void Origins::stop() {
  stopped_ = true;
  tend_timer_.cancel();
  metrics_.clear();
}

std::vector<OriginPtr> Origins::order(std::string_view path) {
  std::vector<Candidate> candidates;
  for (const OriginPtr& origin : origins_)
    candidates.push_back({origin->name(), origin->spec.weight,
                          static_cast<double>(origin->pulls) + origin->reported_load, origin->spec.priority});
  std::vector<OriginPtr> ordered;
  for (const std::size_t index : balancer_.order(candidates, path)) ordered.push_back(origins_[index]);
  std::stable_partition(ordered.begin(), ordered.end(),
                        [](const OriginPtr& origin) { return origin->is_well(); });
  return ordered;
}

void Origins::succeeded(Origin& origin) {
  if (!origin.healthy() && origin.is_found()) {
    log_.info_by({"an origin of the registry is well again", {}}, "origin {} is well again",
                 cli::peer_text(origin.name()));
  } else if (!origin.healthy()) {
    log_.info("origin {} is well again", origin.name());
  }
  origin.failures = 0;
  origin.last_error.clear();
}

void Origins::failed(const OriginPtr& origin, const std::string& why) {
  ++origin->failures_in_all;
  fall_ill(*origin, why);
  probe_later(origin);
}

// Those of a registry are as many as it likes to make up.
void Origins::fall_ill(Origin& origin, const std::string& why) {
  origin.last_error = why;
  if (origin.failures++ > 0) return;
  if (origin.is_found())
    return log_.warning_by({"an origin of the registry is unwell", {}}, "origin {} is unwell: {}",
                           cli::peer_text(origin.name()), why);
  log_.warning("origin {} is unwell: {}", origin.name(), why);
}

void Origins::suspect(const OriginPtr& origin) {
  if (origin->probing || !origin->healthy() || stopped_ || probes_ >= max_probes) return;
  origin->probing = true;
  ++probes_;
  net::spawn(io_.get_executor(), probe(origin, std::chrono::milliseconds(0)), "probe of an origin", log_);
}

void Origins::leaves(Origin& origin) {
  origin.leaves_until = Origin::Clock::now() + leaving_time;
  log_.info("origin {} asks us to go elsewhere", origin.name());
}

void Origins::probe_later(const OriginPtr& origin) {
  if (origin->probing || stopped_ || probes_ >= max_probes) return;
  origin->probing = true;
  ++probes_;
  net::spawn(io_.get_executor(), probe(origin, backoff(origin->failures)), "probe of an origin", log_);
}

// Until it answers, or nobody needs it any more.
asio::awaitable<void> Origins::probe(OriginPtr origin, std::chrono::milliseconds delay) {
  asio::steady_timer timer(io_);
  for (;;) {
    timer.expires_after(delay);
    asio::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const bool is_listed = origin->found_until > Origin::Clock::now() ||
                           std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
    if (stopped_ || !is_listed) break;
    auto answered = co_await probe_origin(*origin, http_, options_.timeout);
    if (stopped_) break;
    if (answered) {
      succeeded(*origin);
      break;
    }
    ++origin->failures_in_all;
    fall_ill(*origin, answered.error().message);
    delay = backoff(origin->failures);
  }
  origin->probing = false;
  --probes_;
}

void Origins::look_up(const std::shared_ptr<Named>& named) {
  named->look_up_due = Origin::Clock::now() + between_look_ups;
  resolver_.resolve(named->spec.url,
                    [this, held = std::weak_ptr(named)](Result<std::vector<net::Address>> found) {
                      const auto asked = held.lock();
                      if (stopped_ || !asked || !asked->given) return;
                      if (found) {
                        asked->failed_before = false;
                        return take_addresses(*asked, *std::move(found));
                      }
                      // What was known of it holds.
                      asked->look_up_due = Origin::Clock::now() + after_failed_look_up;
                      if (!std::exchange(asked->failed_before, true))
                        log_.warning("origin {}: {}", asked->spec.name(), found.error().message);
                    });
}

// Addresses that are known keep what is known of them.
void Origins::take_addresses(Named& named, std::vector<net::Address> addresses) {
  if (addresses.empty()) return;
  if (addresses.size() > max_addresses) {
    log_.warning_by({"a name has too many addresses", {}},
                    "origin {}: {} addresses: only {} of them are used", named.spec.name(), addresses.size(),
                    max_addresses);
    addresses.resize(max_addresses);
  }
  const bool is_one = addresses.size() == 1 && !named.spec.is_srv();
  std::vector<OriginPtr> origins;
  for (const net::Address& address : addresses) {
    const std::string place = is_one ? std::string() : endpoint(address);
    const auto known = std::find_if(named.addresses.begin(), named.addresses.end(),
                                    [&](const OriginPtr& origin) { return origin->connect_to == place; });
    const OriginPtr origin = known == named.addresses.end() ? std::make_shared<Origin>() : *known;
    origin->spec = named.spec.at(address);
    origin->connect_to = place;
    if (std::find(origins.begin(), origins.end(), origin) == origins.end()) origins.push_back(origin);
  }
  if (origins.size() != named.addresses.size())
    log_.info("origin {}: {} addresses", named.spec.name(), origins.size());
  named.addresses = std::move(origins);
  rebuild();
}

// Each second: names whose time has come are looked up, metrics are read.
void Origins::tend() {
  if (stopped_) return;
  const auto now = Origin::Clock::now();
  for (const auto& [name, named] : named_)
    if (now >= named->look_up_due) look_up(named);
  if (options_.balance == Balance::least_conn && now >= metrics_due_) {
    metrics_due_ = now + between_metrics;
    for (const OriginPtr& origin : origins_) read_metrics(origin);
  }
  tend_timer_.expires_after(std::chrono::seconds(1));
  tend_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) tend();
  });
}

std::vector<OriginState> Origins::states() const {
  std::vector<OriginState> states;
  for (const OriginPtr& origin : origins_) states.push_back(origin->state());
  return states;
}

}  // namespace srs::relay
