// RelayInstrument: the relay as monitoring and operators see it. Main thread; asks the workers for what
// they know.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "admin/admin_server.h"
#include "admin/stream_metrics.h"
#include "srs-relay/origins/cluster.h"
#include "srs-relay/origins/origins.h"
#include "srs-relay/origins/pulls.h"
#include "srs-relay/publishers/publisher_homes.h"
#include "srs-relay/push/pusher.h"
#include "srs-relay/streams/hub.h"
#include "srs-relay/workers/worker.h"

namespace srs::relay {

class RelayInstrument : public admin::Instrument {
 public:
  // Optional parts of a relay; null if absent.
  struct Parts {
    const Origins* origins = nullptr;
    const Cluster* cluster = nullptr;
    Pulls* pulls = nullptr;
    const Pusher* pusher = nullptr;
    const PublisherHomes* publishers = nullptr;
    const pipe::PipeWriter* pass = nullptr;
    std::function<std::string()> readiness_error;  // see Instrument
  };
  // All must outlive it.
  RelayInstrument(Hub& hub, std::vector<std::unique_ptr<Worker>>& workers, Parts parts)
      : hub_(hub), workers_(workers), parts_(std::move(parts)) {}

  asio::awaitable<void> measure(admin::PrometheusText& text) override;
  asio::awaitable<nlohmann::json> streams() override;
  asio::awaitable<nlohmann::json> clients() override;
  asio::awaitable<bool> kick(std::string id) override;
  asio::awaitable<std::string> health_error() override;
  std::string readiness_error() const override {
    return parts_.readiness_error ? parts_.readiness_error() : std::string();
  }

 private:
  // A thread that does not answer within this time is considered stuck.
  static constexpr std::chrono::seconds worker_patience{1};
  // One worker's figures. Stream pointers are keys only and may dangle.
  struct Answer {
    std::size_t connections = 0;
    std::map<const Stream*, Audience::Figures> streams;
    std::map<const Stream*, admin::MeteredStream> metered;  // streams that belong to it
  };
  // The sums over all workers.
  struct Sums {
    std::size_t connections = 0;
    std::map<const Stream*, Audience::Figures> streams;
    std::map<const Stream*, admin::MeteredStream> metered;
    Audience::Figures of(const Stream& stream) const {
      const auto found = streams.find(&stream);
      return found == streams.end() ? Audience::Figures() : found->second;
    }
    admin::MeteredStream metered_of(const Stream& stream) const;
  };

  asio::awaitable<std::vector<ClientInfo>> ask_clients();
  asio::awaitable<Sums> sum_up();
  std::size_t publisher_connections() const;
  asio::awaitable<std::vector<PublisherHomes::Client>> ask_publishers() const;
  void measure_input(admin::PrometheusText& text, const Sums& sums) const;
  void measure_players(admin::PrometheusText& text, const Sums& sums) const;
  void measure_origins(admin::PrometheusText& text) const;
  std::vector<OriginState> origin_states() const;
  void measure_registry(admin::PrometheusText& text) const;
  void measure_pushes(admin::PrometheusText& text) const;
  std::vector<PushState> push_states() const;
  void add_pulls(nlohmann::json& list) const;

  Hub& hub_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const Parts parts_;
  std::vector<Answer> answers_;  // the newest of each worker
};

}  // namespace srs::relay
