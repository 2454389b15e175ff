// IngestInstrument: srs-ingest as monitoring and operators see it. Main thread. Sources have threads of their
// own: their figures come from the PipeWriter.
#pragma once

#include <functional>
#include <string>

#include "admin/admin_server.h"
#include "live/publications.h"
#include "pipe/pipe_writer.h"

namespace srs::ingest {

class IngestInstrument : public admin::Instrument {
 public:
  // All must outlive it. readiness_error: see Instrument.
  IngestInstrument(const pipe::PipeWriter& writer, live::Publications& publications,
                   std::function<std::size_t()> connections, std::function<std::string()> readiness_error)
      : writer_(writer),
        publications_(publications),
        connections_(std::move(connections)),
        readiness_error_(std::move(readiness_error)) {}

  asio::awaitable<void> measure(admin::PrometheusText& text) override;
  asio::awaitable<nlohmann::json> streams() override;
  // The publishers.
  asio::awaitable<nlohmann::json> clients() override;
  asio::awaitable<bool> kick(std::string id) override;
  std::string readiness_error() const override { return readiness_error_(); }

 private:
  const pipe::PipeWriter& writer_;
  live::Publications& publications_;
  const std::function<std::size_t()> connections_;  // of publishers, also those that publish nothing yet
  const std::function<std::string()> readiness_error_;
};

}  // namespace srs::ingest
