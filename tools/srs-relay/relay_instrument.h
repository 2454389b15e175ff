// RelayInstrument: the relay as monitoring and operators see it. Main thread; what the workers know, they are
// asked for.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "admin/admin_server.h"
#include "hub.h"
#include "origins.h"
#include "pusher.h"
#include "rtmp/publishers.h"
#include "worker.h"

namespace srs::relay {

class RelayInstrument : public admin::Instrument {
 public:
  // What a relay may have; null: it has none.
  struct Parts {
    const Origins* origins = nullptr;
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
  // Of one stream, over all workers.
  struct Sums {
    std::uint64_t sent_bytes = 0;
    std::chrono::milliseconds lag{0};  // of the one that is furthest behind
  };
  using SumsByPath = std::map<std::string, Sums, std::less<>>;

  asio::awaitable<std::vector<ClientInfo>> ask_clients();
  asio::awaitable<SumsByPath> sum_up();
  void measure_input(admin::PrometheusText& text) const;
  void measure_players(admin::PrometheusText& text, const SumsByPath& sums) const;
  void measure_origins(admin::PrometheusText& text) const;
  void measure_pushes(admin::PrometheusText& text) const;

  Hub& hub_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const Parts parts_;
};

}  // namespace srs::relay
