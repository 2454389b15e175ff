#include "admin/admin_server.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "access/network.h"
#include "gate/http.h"
#include "net/url_display.h"

namespace srs::admin {
namespace {

// For monitoring and people: few, but none of them should keep the others out.
constexpr net::ConnectionLimits connection_limits{256, 64};
constexpr std::size_t spare_descriptors = 4;

constexpr std::string_view clients_prefix = "/api/clients/";
constexpr std::string_view endpoints = "there are /metrics, /api/streams, /api/clients, /healthz and /readyz";

std::string who(const http::Request& request) {
  if (request.client_certificate.empty()) return request.remote_address;
  return fmt::format("{} ({})", request.remote_address, cli::peer_text(request.client_certificate));
}

http::ServerOptions server_options(const cli::Log& log) {
  http::ServerOptions options;
  options.more_methods = {"DELETE"};
  // A web page in an operator's browser must not be able to read the answers.
  options.cross_origin = false;
  options.on_error = [&log](const std::string& what) { log.error("admin: {}", what); };
  options.on_foreign = [&log](const std::string& address, std::string_view what) {
    log.warning_by({"bad HTTP peer", address}, "admin: {}: it speaks {}", address, what);
  };
  options.on_answered = [&log](const http::Request& request, int status) {
    log.debug("admin: {} {} {}: {}", request.remote_address, request.method, request.path, status);
    if (request.method == "DELETE" && status == 204)
      log.info("admin: {} cut off {}", who(request), request.path.substr(clients_prefix.size()));
  };
  return options;
}

http::Response json(const nlohmann::json& value) {
  // Names from peers may not be UTF-8.
  http::Response response = http::ok(
      "application/json", value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response no_client(const std::string& id) {
  return http::error_response(404, fmt::format("{}: no such client", id));
}

http::Response text_or_503(const std::string& error) {
  if (!error.empty()) return http::error_response(503, error);
  http::Response response = http::ok("text/plain; charset=utf-8", "ok\n");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

net::ListenOptions for_operators(net::ListenOptions listening) {
  listening.spares = spare_descriptors;
  listening.for_operators = true;
  return listening;
}

void measure_connections(const net::Admission& admission, PrometheusText& text) {
  using Kind = PrometheusText::Kind;
  const auto figures = admission.figures();
  text.single("srs_connections_max", Kind::gauge, "Most connections that may be open (--max-connections).",
              static_cast<double>(admission.limits().connections));
  text.family("srs_connections_refused_total", Kind::counter,
              "Connections that were closed at once: for all of them, for their address, or for its rate.");
  for (std::size_t i = 0; i < figures.refused.size(); ++i)
    text.sample({{"limit", net::Admission::reasons[i]}}, static_cast<double>(figures.refused[i]));
}

void measure_access(const gate::Gate& gate, PrometheusText& text) {
  using Kind = PrometheusText::Kind;
  const auto figures = gate.figures();
  text.single("srs_access_granted_total", Kind::counter,
              "Requests to publish, play or administer that were granted.",
              static_cast<double>(figures.granted));
  text.family("srs_access_refused_total", Kind::counter, "The same that were refused.");
  for (std::size_t i = 0; i < figures.refused.size(); ++i)
    text.sample({{"reason", access::name_of(static_cast<access::Refusal::Kind>(i))}},
                static_cast<double>(figures.refused[i]));
  text.single("srs_access_ended_total", Kind::counter,
              "Publishers and players that were cut off since their right ended.",
              static_cast<double>(figures.ended));
  text.family("srs_access_reloads_total", Kind::counter, "How often the rules were read again.");
  text.sample({{"result", "used"}}, static_cast<double>(figures.reloads));
  text.sample({{"result", "bad"}}, static_cast<double>(figures.bad_reloads));
}

void measure_hooks(const gate::Gate& gate, PrometheusText& text) {
  using Kind = PrometheusText::Kind;
  const auto all = gate.hook_figures();
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  text.family("srs_hook_answers_total", Kind::counter, "Questions that call-backs were asked.");
  for (const auto& hook : all) {
    text.sample({{"hook", hook.name}, {"result", "allowed"}}, number(hook.allowed));
    text.sample({{"hook", hook.name}, {"result", "refused"}}, number(hook.refused));
    text.sample({{"hook", hook.name}, {"result", "error"}}, number(hook.errors));
  }
  text.family("srs_hook_events_total", Kind::counter, "Events that call-backs were to be told of.");
  for (const auto& hook : all) {
    text.sample({{"hook", hook.name}, {"result", "told"}}, number(hook.told));
    text.sample({{"hook", hook.name}, {"result", "lost"}}, number(hook.lost));
  }
  text.family("srs_audit_events_total", Kind::counter, "Events for the audit.");
  if (gate.audit() == nullptr) return;
  text.sample({{"result", "written"}}, number(gate.audit()->written()));
  text.sample({{"result", "lost"}}, number(gate.audit()->lost()));
}

}  // namespace

AdminServer::AdminServer(asio::io_context& io, Tool tool, Instrument& instrument, const cli::Log& log,
                         net::ListenOptions listening)
    : tool_(std::move(tool)),
      instrument_(instrument),
      log_(log),
      demands_certificate_(listening.certificates != nullptr &&
                           listening.certificates->demands_certificate()),
      access_({}),
      admission_(connection_limits),
      server_([this](http::Request request) { return answer(std::move(request)); }, server_options(log)),
      listeners_(io, log, for_operators(listening)) {
  listeners_.set_admission(admission_);
}

Result<void> AdminServer::open(const AdminOptions& options) {
  const net::Url& url = options.url;
  access_ = AccessRule(options.hosts, url.host);
  if (!net::is_loopback(url.host) && !has_rules() && !demands_certificate_)
    log_.warning("--admin {}: others than this machine get /healthz and /readyz only: see --access",
                 net::display_url(url));
  return listeners_.open(url, [this](net::Socket socket, net::Ticket ticket) {
    server_.serve(std::move(socket), std::move(ticket));
  });
}

void AdminServer::close() {
  listeners_.close();
  server_.close();
}

bool AdminServer::has_rules() const {
  return tool_.gate != nullptr && tool_.gate->has_rules();
}

// Nothing: it may have what it asks for.
asio::awaitable<std::optional<http::Response>> AdminServer::refusal(const http::Request& request) {
  if (request.path == "/healthz" || request.path == "/readyz") co_return std::nullopt;
  const bool known = demands_certificate_ || access::address_of(request.remote_address).is_loopback();
  if (!has_rules() && !known)
    co_return http::error_response(403,
                                   "only this machine is answered, since there are no rules: see --access");
  if (tool_.gate == nullptr) co_return std::nullopt;
  const auto action = request.method == "DELETE" ? access::Action::admin_write : access::Action::admin_read;
  const auto verdict =
      co_await tool_.gate->admit(gate::question_of(request, action, "admin", ""), gate::client_of(request));
  if (!verdict) co_return gate::refusal_response(verdict.refusal);
  co_return std::nullopt;
}

asio::awaitable<http::Answer> AdminServer::answer(http::Request request) {
  if (const std::string refusal = access_.refusal(request); !refusal.empty()) {
    log_.warning_by({"admin refused", request.remote_address}, "admin: {} refused: {}",
                    request.remote_address, refusal);
    co_return http::error_response(403, refusal);
  }
  if (auto refused = co_await this->refusal(request)) co_return *std::move(refused);
  if (request.path.starts_with(clients_prefix)) {
    std::string id = request.path.substr(clients_prefix.size());
    co_return co_await answer_client(std::move(request), std::move(id));
  }
  if (request.method == "DELETE") co_return http::error_response(405, "only clients can be deleted");
  co_return co_await answer_get(std::move(request));
}

asio::awaitable<http::Answer> AdminServer::answer_get(http::Request request) {
  if (request.path == "/metrics") co_return co_await metrics();
  if (request.path == "/api/streams") co_return json(co_await instrument_.streams());
  if (request.path == "/api/clients") co_return json(co_await instrument_.clients());
  if (request.path == "/healthz") co_return text_or_503(co_await instrument_.health_error());
  if (request.path == "/readyz") co_return text_or_503(instrument_.readiness_error());
  co_return http::error_response(404, fmt::format("{}: {}", request.path, endpoints));
}

asio::awaitable<http::Answer> AdminServer::answer_client(http::Request request, std::string id) {
  if (request.method == "DELETE") {
    const bool found = co_await instrument_.kick(id);
    if (!found) co_return no_client(id);
    http::Response response;
    response.status = 204;
    co_return response;
  }
  const nlohmann::json clients = co_await instrument_.clients();
  for (const nlohmann::json& client : clients)
    if (client.value("id", "") == id) co_return json(client);
  co_return no_client(id);
}

asio::awaitable<http::Answer> AdminServer::metrics() {
  PrometheusText text;
  process_.measure(tool_.name, text);
  if (tool_.admission != nullptr) measure_connections(*tool_.admission, text);
  if (tool_.gate != nullptr) {
    measure_access(*tool_.gate, text);
    measure_hooks(*tool_.gate, text);
  }
  co_await instrument_.measure(text);
  http::Response response = http::ok(prometheus_content_type, text.text());
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

}  // namespace srs::admin
