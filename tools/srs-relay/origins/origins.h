// Origins: where streams that are not here come from, which of them are healthy, and in which order to ask.
//
// An origin that refuses connections, resets them or does not answer is unhealthy: it is asked last, and
// probed in the background with a back-off (0.5 s to 30 s) until it answers again. A stream that it does
// not have says nothing about its health. Each address of a name, or target of its SRV records, is an
// origin of its own; names are resolved again every 30 s.
//
// Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "http/client.h"
#include "live/backoff.h"
#include "net/resolver.h"
#include "net/timer.h"
#include "srs-relay/origins/balance.h"
#include "srs-relay/origins/origin_spec.h"

namespace srs::relay {

// What monitoring shows of an origin.
struct OriginState {
  std::string name;
  bool healthy = true;
  std::uint64_t failures = 0;  // since the start
  std::string last_error;      // empty if healthy
  std::size_t pulls = 0;
  double reported_load = 0;
};

// One address of an origin.
struct Origin {
  OriginSpec spec;
  std::string connect_to;  // "192.0.2.7:1935"; empty: as the URL says

  std::string name() const;  // for people, and the same on every node
  // Found in a registry, not configured.
  bool is_found() const { return found_until != Clock::TimePoint(); }
  bool healthy() const { return failures == 0; }
  // Healthy, and not draining.
  bool available(Clock::TimePoint now) const { return healthy() && drains_until <= now; }
  OriginState state() const;

  unsigned failures = 0;  // in a row
  std::uint64_t failures_in_all = 0;
  std::string last_error;
  live::Backoff backoff{std::chrono::milliseconds(500), std::chrono::seconds(30)};  // of probes
  Clock::TimePoint drains_until{};                                                  // it drains until then
  std::size_t pulls = 0;                                                            // our pulls from it
  double reported_load = 0;  // players, as its metrics say
  bool probing = false;
  Clock::TimePoint found_until{};  // listed in a registry until then
};
using OriginPtr = std::shared_ptr<Origin>;

class Origins {
 public:
  struct Options {
    std::vector<OriginSpec> origins;
    std::string file;  // with more of them; empty: none
    Balance balance = Balance::round_robin;
    std::chrono::milliseconds timeout{3'000};      // of an origin that says nothing
    std::shared_ptr<const net::TlsContext> tls{};  // whom to trust; null: the system's authorities
  };
  // http: for metrics and probes. All must outlive it.
  Origins(asio::io_context& io, const Clock& clock, Options options, http::Client& http, const cli::Log& log);
  ~Origins();

  // Reads the file, at the start and again at SIGHUP. Errors say what is wrong in it; then nothing changes.
  Result<void> load();
  // Begins to resolve names.
  void start();
  void stop();

  // All origins in the order in which to ask for this stream, available ones first.
  std::vector<OriginPtr> order(std::string_view path);
  // How many there are; a name that has not been resolved yet counts as one.
  std::size_t size() const { return origins_.size(); }

  // It answered.
  void succeeded(Origin& origin);
  // It could not be reached, or broke off: it is unhealthy from now on.
  void failed(const OriginPtr& origin, const std::string& why);
  // It went silent, perhaps because of its publisher: probes it.
  void suspect(const OriginPtr& origin);
  // It asked its players to leave: others are preferred for a while.
  void draining(Origin& origin);

  std::vector<OriginState> states() const;

 private:
  struct Named;  // an origin as it was given, with its addresses

  void set(const std::vector<OriginSpec>& specs);
  void rebuild();
  void look_up(const std::shared_ptr<Named>& named);
  void on_addresses(Named& named, std::vector<net::Address> addresses);
  void mark_failed(Origin& origin, const std::string& why);
  void probe_later(const OriginPtr& origin);
  asio::awaitable<void> probe(OriginPtr origin, std::chrono::milliseconds delay);
  asio::awaitable<Result<void>> ask(OriginPtr origin);
  void tick();
  void read_metrics(const OriginPtr& origin);

  asio::io_context& io_;
  const Clock& clock_;
  const Options options_;
  http::Client& http_;
  const cli::Log& log_;
  Balancer balancer_;
  net::Resolver resolver_;
  std::map<std::string, std::shared_ptr<Named>> named_;
  std::vector<OriginPtr> origins_;
  std::map<std::string, http::TransferPtr> metrics_;  // being read, by URL
  Clock::TimePoint metrics_due_{};
  net::Timer tick_timer_;
  std::size_t probes_ = 0;  // under way
  bool stopped_ = false;
};

}  // namespace srs::relay
