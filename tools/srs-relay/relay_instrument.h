// RelayInstrument: the relay as monitoring and operators see it. Main thread; what the workers know, they are
// asked for.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "admin/admin_server.h"
#include "cluster.h"
#include "hub.h"
#include "origins.h"
#include "pulls.h"
#include "pusher.h"
#include "rtmp/publishers.h"
#include "worker.h"

namespace srs::relay {

class RelayInstrument : public admin::Instrument {
 public:
  // What a relay may have; null: it has none.
  struct Parts {
    const Origins* origins = nullptr;
    const Cluster* cluster = nullptr;
    Pulls* pulls = nullptr;
    const Pusher* pusher = nullptr;
    rtmp::Publishers* publishers = nullptr;
    const media::PipeWriter* pass = nullptr;
    std::function<std::string()> not_ready;  // see Instrument
  };
  // All must outlive it.
  RelayInstrument(Hub& hub, std::vector<std::unique_ptr<Worker>>& workers, Parts parts)
      : hub_(hub), workers_(workers), parts_(std::move(parts)) {}

  asio::awaitable<void> measure(admin::PrometheusText& text) override;
  asio::awaitable<nlohmann::json> streams() override;
  asio::awaitable<nlohmann::json> clients() override;
  asio::awaitable<bool> kick(std::string id) override;
  asio::awaitable<std::string> illness() override;
  std::string not_ready() const override { return parts_.not_ready ? parts_.not_ready() : std::string(); }

 private:
  // A worker's part. The streams' addresses are names only: they may be gone.
  struct Answer {
    std::size_t connections = 0;
    std::map<const Stream*, Audience::Figures> streams;
  };
  // All workers' parts.
  struct Sums {
    std::size_t connections = 0;
    std::map<const Stream*, Audience::Figures> streams;
    Audience::Figures of(const Stream& stream) const {
      const auto found = streams.find(&stream);
      return found == streams.end() ? Audience::Figures() : found->second;
    }
  };

  asio::awaitable<std::vector<ClientInfo>> ask_clients();
  asio::awaitable<Sums> sum_up();
  void measure_input(admin::PrometheusText& text) const;
  void measure_players(admin::PrometheusText& text, const Sums& sums) const;
  void measure_origins(admin::PrometheusText& text) const;
  std::vector<OriginState> origin_states() const;
  void measure_registry(admin::PrometheusText& text) const;
  void measure_pushes(admin::PrometheusText& text) const;
  std::vector<PushState> push_states() const;
  void add_pulls(nlohmann::json& list) const;
  void add_publishers(nlohmann::json& list) const;

  Hub& hub_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const Parts parts_;
  std::vector<Answer> answers_;  // the newest of each worker
};

}  // namespace srs::relay
