#include "srs-relay/origins/origins.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

#include "cli/log.h"
#include "net/spawn.h"

namespace srs::relay {
namespace {

constexpr std::chrono::seconds draining_time{10};
constexpr std::chrono::seconds between_metrics{3};
constexpr std::chrono::seconds between_look_ups{30};
// Per name. Each is an origin, which is probed and listed.
constexpr std::size_t max_addresses = 64;
// At once. An origin that is not probed is healthy again once it has served a stream.
constexpr std::size_t max_probes = 256;
// A name that could not be resolved is tried again sooner.
constexpr std::chrono::seconds after_failed_look_up{2};

std::string endpoint(const net::Address& address) {
  return address.host.find(':') == std::string::npos ? fmt::format("{}:{}", address.host, address.port)
                                                     : fmt::format("[{}]:{}", address.host, address.port);
}

}  // namespace

// An origin as configured, with the current addresses of its name.
struct Origins::Named {
  OriginSpec spec;
  std::vector<OriginPtr> addresses;  // in a fixed order
  bool given = true;                 // still in the list
  Clock::TimePoint look_up_due{};
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

Origins::Origins(asio::io_context& io, const Clock& clock, Options options, http::Client& http,
                 const cli::Log& log)
    : io_(io),
      clock_(clock),
      options_(std::move(options)),
      http_(http),
      log_(log),
      balancer_(options_.balance),
      resolver_(io),
      tick_timer_(io, clock) {
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

// Origins that stay keep their state.
void Origins::set(const std::vector<OriginSpec>& specs) {
  for (auto& [name, named] : named_) named->given = false;
  for (const OriginSpec& spec : specs) {
    std::shared_ptr<Named>& named = named_[spec.key()];
    if (!named) named = std::make_shared<Named>();
    named->spec = spec;
    named->given = true;
    // Used until its name is resolved.
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
  tick();
}

void Origins::stop() {
  stopped_ = true;
  tick_timer_.cancel();
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
                        [now = clock_.steady()](const OriginPtr& origin) { return origin->available(now); });
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
  origin.backoff.reset();
  origin.last_error.clear();
}

void Origins::failed(const OriginPtr& origin, const std::string& why) {
  ++origin->failures_in_all;
  mark_failed(*origin, why);
  probe_later(origin);
}

// Lines about origins of a registry are merged: it may name any number of them.
void Origins::mark_failed(Origin& origin, const std::string& why) {
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

void Origins::draining(Origin& origin) {
  origin.drains_until = clock_.steady() + draining_time;
  log_.info("origin {} asks us to go elsewhere", origin.name());
}

void Origins::probe_later(const OriginPtr& origin) {
  if (origin->probing || stopped_ || probes_ >= max_probes) return;
  origin->probing = true;
  ++probes_;
  net::spawn(io_.get_executor(), probe(origin, origin->backoff.next()), "probe of an origin", log_);
}

// Runs until the origin answers or is removed.
asio::awaitable<void> Origins::probe(OriginPtr origin, std::chrono::milliseconds delay) {
  net::Timer timer(io_, clock_);
  for (;;) {
    timer.expires_after(delay);
    asio::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const bool is_listed = origin->found_until > clock_.steady() ||
                           std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
    if (stopped_ || !is_listed) break;
    auto answered = co_await origin->spec.protocol().probe(*origin, http_, options_.tls, options_.timeout);
    if (stopped_) break;
    if (answered) {
      succeeded(*origin);
      break;
    }
    ++origin->failures_in_all;
    mark_failed(*origin, answered.error().message);
    delay = origin->backoff.next();
  }
  origin->probing = false;
  --probes_;
}

void Origins::look_up(const std::shared_ptr<Named>& named) {
  named->look_up_due = clock_.steady() + between_look_ups;
  resolver_.resolve(named->spec.url,
                    [this, held = std::weak_ptr(named)](Result<std::vector<net::Address>> found) {
                      const auto asked = held.lock();
                      if (stopped_ || !asked || !asked->given) return;
                      if (found) {
                        asked->failed_before = false;
                        return on_addresses(*asked, *std::move(found));
                      }
                      // The known addresses stay.
                      asked->look_up_due = clock_.steady() + after_failed_look_up;
                      if (!std::exchange(asked->failed_before, true))
                        log_.warning("origin {}: {}", asked->spec.name(), found.error().message);
                    });
}

// Known addresses keep their state.
void Origins::on_addresses(Named& named, std::vector<net::Address> addresses) {
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

// Each second: resolves names that are due, and reads metrics.
void Origins::tick() {
  if (stopped_) return;
  const auto now = clock_.steady();
  for (const auto& [name, named] : named_)
    if (now >= named->look_up_due) look_up(named);
  if (options_.balance == Balance::least_conn && now >= metrics_due_) {
    metrics_due_ = now + between_metrics;
    for (const OriginPtr& origin : origins_) read_metrics(origin);
  }
  tick_timer_.expires_after(std::chrono::seconds(1));
  tick_timer_.async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) tick();
  });
}

std::vector<OriginState> Origins::states() const {
  std::vector<OriginState> states;
  for (const OriginPtr& origin : origins_) states.push_back(origin->state());
  return states;
}

}  // namespace srs::relay
