// Origins: where streams that are not here can be had, which of them are well, and in which order to ask.
//
// An origin that refuses connections, resets them or does not answer is unwell: it is asked last, and probed
// in the background, later and later (0.5 s to 30 s), until it answers again. That an origin does not have a
// stream says nothing of its health. A name that has several addresses, or SRV records, is several origins;
// names are looked up again every 30 s.
//
// Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "balance.h"
#include "cli/log.h"
#include "http/client.h"
#include "net/resolver.h"
#include "origin_spec.h"

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
  using Clock = std::chrono::steady_clock;

  OriginSpec spec;
  std::string connect_to;  // "192.0.2.7:1935"; empty: as the URL says

  std::string name() const;  // for people, and the same on every node
  // By a registry, not given.
  bool is_found() const { return found_until != Clock::time_point(); }
  bool healthy() const { return failures == 0; }
  // And did not ask us to leave it in peace.
  bool is_well() const { return healthy() && leaves_until <= Clock::now(); }
  OriginState state() const;

  unsigned failures = 0;  // in a row
  std::uint64_t failures_in_all = 0;
  std::string last_error;
  Clock::time_point leaves_until{};  // it asked its players to go elsewhere
  std::size_t pulls = 0;             // of ours, from there
  double reported_load = 0;          // players, as its metrics say
  bool probing = false;
  Clock::time_point found_until{};  // by a registry: it counts as an origin until then
};
using OriginPtr = std::shared_ptr<Origin>;

class Origins {
 public:
  struct Options {
    std::vector<OriginSpec> origins;
    std::string file;  // with more of them; empty: none
    Balance balance = Balance::round_robin;
    std::chrono::milliseconds timeout{3'000};  // of an origin that says nothing
  };
  // http: for metrics and probes. All must outlive it.
  Origins(asio::io_context& io, Options options, http::Client& http, const cli::Log& log);
  ~Origins();

  // Reads the file; errors say what is wrong in it. At the start, and again at SIGHUP: then a broken file
  // leaves everything as it was.
  Result<void> load();
  // Begins to look names up.
  void start();
  void stop();

  // Every origin, in the order in which they are to be asked for this stream: the ones that are well before
  // the others.
  std::vector<OriginPtr> order(std::string_view path);
  // How many there are at least; names count once until they have been looked up.
  std::size_t size() const { return origins_.size(); }

  // It did what was asked.
  void succeeded(Origin& origin);
  // It could not be reached, or broke off: it is unwell from now on.
  void failed(const OriginPtr& origin, const std::string& why);
  // It went silent, which may be its publisher's fault: a probe finds out.
  void suspect(const OriginPtr& origin);
  // It asked its players to go elsewhere for a while.
  void leaves(Origin& origin);

  std::vector<OriginState> states() const;

 private:
  struct Named;  // an origin as it was given, with its addresses

  void set(const std::vector<OriginSpec>& specs);
  void rebuild();
  void look_up(const std::shared_ptr<Named>& named);
  void take_addresses(Named& named, std::vector<net::Address> addresses);
  void fall_ill(Origin& origin, const std::string& why);
  void probe_later(const OriginPtr& origin);
  asio::awaitable<void> probe(OriginPtr origin, std::chrono::milliseconds delay);
  asio::awaitable<Result<void>> ask(OriginPtr origin);
  void tend();
  void read_metrics(const OriginPtr& origin);

  asio::io_context& io_;
  const Options options_;
  http::Client& http_;
  const cli::Log& log_;
  Balancer balancer_;
  net::Resolver resolver_;
  std::map<std::string, std::shared_ptr<Named>> named_;
  std::vector<OriginPtr> origins_;
  std::map<std::string, http::TransferPtr> metrics_;  // being read, by URL
  Origin::Clock::time_point metrics_due_{};
  asio::steady_timer tend_timer_;
  std::size_t probes_ = 0;  // under way
  bool stopped_ = false;
};

}  // namespace srs::relay
