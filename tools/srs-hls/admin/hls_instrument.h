// HlsInstrument: srs-hls as monitoring and operators see it. Runs on the program's only thread.
#pragma once

#include <functional>
#include <string>

#include "admin/admin_server.h"
#include "http/server.h"
#include "srs-hls/delivery/viewers.h"
#include "srs-hls/streams/streams.h"

namespace srs::hls {

class HlsInstrument : public admin::Instrument {
 public:
  // server serves the players, viewers counts them; both may be null. All arguments must outlive the
  // instrument. readiness_error: see Instrument.
  HlsInstrument(const Streams& streams, http::Server* server, const Viewers* viewers,
                std::function<std::string()> readiness_error)
      : streams_(streams), server_(server), viewers_(viewers), readiness_error_(std::move(readiness_error)) {}

  asio::awaitable<void> measure(admin::PrometheusText& text) override;
  asio::awaitable<nlohmann::json> streams() override;
  // The connections of HTTP players.
  asio::awaitable<nlohmann::json> clients() override;
  asio::awaitable<bool> kick(std::string id) override;
  std::string readiness_error() const override { return readiness_error_(); }

 private:
  std::size_t watching(const Streams::State& state) const;

  const Streams& streams_;
  http::Server* server_;
  const Viewers* viewers_;
  const std::function<std::string()> readiness_error_;
};

}  // namespace srs::hls
