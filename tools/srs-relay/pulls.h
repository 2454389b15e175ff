// Pulls: the streams that this relay fetches from its origins, because somebody here wants to play them.
//
// The first player of a stream starts one pull, all share it; some time after the last one has left (linger)
// the pull ends. Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/log.h"
#include "http/client.h"
#include "hub.h"
#include "origins.h"
#include "wanted.h"

namespace srs::relay {

class Cluster;
class Pull;

struct PullOptions {
  std::chrono::milliseconds timeout{3'000};  // of an origin that says nothing
  std::chrono::milliseconds linger{10'000};  // without players
  std::chrono::milliseconds grace{15'000};   // of a stream that no origin has any more
  bool forward_query = false;
  bool redirect = false;  // players, instead of fetching
  std::string node;       // our own id
};

// What is told of a stream that is being fetched.
struct PullState {
  std::uint64_t number = 0;  // of the connection, among all of this process
  std::string path, origin;
  bool is_http = false;
  std::chrono::steady_clock::time_point since{};
  std::uint64_t received_bytes = 0;
};

class Pulls : public Upstream {
 public:
  // All must outlive it, and it every run of the io_context.
  Pulls(asio::io_context& io, PullOptions options, Hub& hub, Origins& origins, http::Client& http,
        const cli::Log& log);
  ~Pulls() override;

  // Who else knows origins; must outlive it.
  void set_cluster(Cluster* cluster) { cluster_ = cluster; }

  bool want(const Wanted& wanted) override;
  std::chrono::milliseconds round_time() const override;
  void yield(const std::string& path) override;
  bool redirects() const override { return options_.redirect; }
  void redirect(Wanted wanted, std::function<void(std::optional<net::Url>)> done) override;

  // Ends all; what is being waited for ends soon after.
  void stop();
  std::size_t size() const { return pulls_.size(); }
  std::vector<PullState> states() const;
  // Ends this connection; the stream is fetched from the next origin, or again from the same if there is no
  // other. False if there is none of this number.
  bool cut_off(std::uint64_t number);

  // For a pull.
  asio::io_context& io() { return io_; }
  const PullOptions& options() const { return options_; }
  Hub& hub() { return hub_; }
  Origins& origins() { return origins_; }
  // All origins that a stream may be had from, in the order in which they are to be asked: those that the
  // cluster knows to hold it, then the others. over_http: of those the ones that speak this, where they have
  // the choice.
  asio::awaitable<std::vector<OriginPtr>> origins_of(std::string path, std::optional<bool> over_http = {});
  http::Client& http() { return http_; }
  const cli::Log& log() const { return log_; }
  void forget(const Pull& pull);
  std::uint64_t next_number() { return ++last_number_; }

 private:
  asio::awaitable<void> find_elsewhere(Wanted wanted, std::function<void(std::optional<net::Url>)> done);
  void tend();

  asio::io_context& io_;
  const PullOptions options_;
  Hub& hub_;
  Origins& origins_;
  http::Client& http_;
  const cli::Log& log_;
  Cluster* cluster_ = nullptr;
  std::map<std::string, std::shared_ptr<Pull>> pulls_;
  asio::steady_timer tend_timer_;
  std::uint64_t last_number_ = 0;
  bool stopped_ = false;
};

}  // namespace srs::relay
