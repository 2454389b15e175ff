// AdminServer: the interface of a running tool for monitoring and operators, over HTTP (--admin URL).
//
//   GET    /metrics           Prometheus text
//   GET    /api/streams       JSON, an array
//   GET    /api/clients       JSON, an array
//   GET    /api/clients/ID    one of them
//   DELETE /api/clients/ID    cuts it off
//   GET    /healthz           200 while the process works
//   GET    /readyz            200 while it takes players or publishers, else 503 and why
//
// An Instrument provides the data. Whoever asks needs the rights admin.read and admin.write (DELETE) of the
// tool's rules, except for /healthz and /readyz. Without rules only this machine is answered. Web pages
// cannot use an operator's browser for requests (see AccessRule). It answers even when all file descriptors
// of the process are in use: some are reserved for it. Belongs to the thread of the io_context.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "admin/access_rule.h"
#include "admin/admin_options.h"
#include "admin/process_metrics.h"
#include "admin/prometheus_text.h"
#include "cli/log.h"
#include "gate/gate.h"
#include "http/server.h"
#include "net/listeners.h"

namespace srs::admin {

// A tool as its AdminServer sees it. All are called on the server's thread.
class Instrument {
 public:
  virtual ~Instrument() = default;
  // Adds the tool's own metrics.
  virtual asio::awaitable<void> measure(PrometheusText& text) = 0;
  // Arrays of objects. Those of clients have a string `id`, unique as long as the process lives.
  virtual asio::awaitable<nlohmann::json> streams() = 0;
  virtual asio::awaitable<nlohmann::json> clients() = 0;
  // Cuts a client off. False: there is none with this id.
  virtual asio::awaitable<bool> kick(std::string id) = 0;
  // What does not work; empty: everything does.
  virtual asio::awaitable<std::string> health_error() { co_return std::string(); }
  // Why the tool should get no players or publishers; empty: it is ready.
  virtual std::string readiness_error() const { return {}; }
};

class AdminServer {
 public:
  struct Tool {
    std::string name;
    const net::Admission* admission = nullptr;  // of its listeners, for the metrics
    gate::Gate* gate = nullptr;                 // null: there are no rules
  };
  // All must outlive the server, which must outlive every run of the io_context.
  AdminServer(asio::io_context& io, Tool tool, Instrument& instrument, const cli::Log& log,
              net::ListenOptions listening = {});

  // Listens. Warns of an address that others can reach.
  Result<void> open(const AdminOptions& options);
  // Another process that shares the port answers from now on.
  void hand_over() { listeners_.hand_over(); }
  void close();

 private:
  asio::awaitable<http::Answer> answer(http::Request request);
  bool has_rules() const;
  asio::awaitable<std::optional<http::Response>> refusal(const http::Request& request);
  asio::awaitable<http::Answer> answer_get(http::Request request);
  asio::awaitable<http::Answer> answer_client(http::Request request, std::string id);
  asio::awaitable<http::Answer> metrics();

  const Tool tool_;
  Instrument& instrument_;
  const cli::Log& log_;
  const bool demands_certificate_;  // of its clients
  const ProcessMetrics process_;
  AccessRule access_;
  net::Admission admission_;  // of its own listener
  http::Server server_;
  net::Listeners listeners_;
};

}  // namespace srs::admin
