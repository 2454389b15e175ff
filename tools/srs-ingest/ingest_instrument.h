// IngestInstrument: srs-ingest as monitoring and operators see it. Main thread. Sources have threads of their
// own: what is told of them is what they wrote to the PipeWriter.
#pragma once

#include <functional>
#include <string>

#include "admin/admin_server.h"
#include "media/pipe_writer.h"
#include "rtmp/publishers.h"

namespace srs::ingest {

class IngestInstrument : public admin::Instrument {
 public:
  // All must outlive it. not_ready: see Instrument.
  IngestInstrument(const media::PipeWriter& writer, rtmp::Publishers& publishers,
                   std::function<std::string()> not_ready)
      : writer_(writer), publishers_(publishers), not_ready_(std::move(not_ready)) {}

  asio::awaitable<void> measure(admin::PrometheusText& text) override;
  asio::awaitable<nlohmann::json> streams() override;
  // Publishers.
  asio::awaitable<nlohmann::json> clients() override;
  asio::awaitable<bool> kick(std::string id) override;
  std::string not_ready() const override { return not_ready_(); }

 private:
  const media::PipeWriter& writer_;
  rtmp::Publishers& publishers_;
  const std::function<std::string()> not_ready_;
};

}  // namespace srs::ingest
