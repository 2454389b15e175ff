// HlsInstrument: srs-hls as monitoring and operators see it. All belongs to the one thread that there is.
#pragma once

#include <functional>
#include <string>

#include "admin/admin_server.h"
#include "http/server.h"
#include "streams.h"

namespace srs::hls {

class HlsInstrument : public admin::Instrument {
 public:
  // server: of the players; may be null. All must outlive it. not_ready: see Instrument.
  HlsInstrument(const Streams& streams, http::Server* server, std::function<std::string()> not_ready)
      : streams_(streams), server_(server), not_ready_(std::move(not_ready)) {}

  asio::awaitable<void> measure(admin::PrometheusText& text) override;
  asio::awaitable<nlohmann::json> streams() override;
  // The connections of HTTP players.
  asio::awaitable<nlohmann::json> clients() override;
  asio::awaitable<bool> kick(std::string id) override;
  std::string not_ready() const override { return not_ready_(); }

 private:
  const Streams& streams_;
  http::Server* server_;
  const std::function<std::string()> not_ready_;
};

}  // namespace srs::hls
