#include "admin/admin_server.h"

#include <fmt/format.h>

#include "admin/process_metrics.h"

namespace srs::admin {
namespace {

constexpr std::string_view clients_prefix = "/api/clients/";
constexpr std::string_view endpoints = "there are /metrics, /api/streams, /api/clients, /healthz and /readyz";

http::ServerOptions server_options(const cli::Log& log) {
  http::ServerOptions options;
  options.more_methods = {"DELETE"};
  // What an operator's browser can reach, a web page that it shows must not be able to read.
  options.cross_origin = false;
  options.complain = [&log](const std::string& what) { log.error("admin: {}", what); };
  options.answered = [&log](const http::Request& request, int status) {
    log.debug("admin: {} {} {}: {}", request.remote_address, request.method, request.path, status);
    if (request.method == "DELETE" && status == 204)
      log.info("admin: {} cut off {}", request.remote_address, request.path.substr(clients_prefix.size()));
  };
  return options;
}

http::Response json(const nlohmann::json& value) {
  // What peers sent as names may not be UTF-8.
  http::Response response = http::ok(
      "application/json", value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

http::Response no_client(const std::string& id) {
  return http::error_response(404, fmt::format("{}: no such client", id));
}

http::Response text_or_503(const std::string& trouble) {
  if (!trouble.empty()) return http::error_response(503, trouble);
  http::Response response = http::ok("text/plain; charset=utf-8", "ok\n");
  response.headers.add("Cache-Control", "no-store");
  return response;
}

bool is_loopback(const net::Url& url) {
  return url.host == "localhost" || url.host == "::1" || url.host.starts_with("127.");
}

}  // namespace

AdminServer::AdminServer(asio::io_context& io, std::string tool, Instrument& instrument, const cli::Log& log,
                         net::ListenOptions listening)
    : io_(io),
      tool_(std::move(tool)),
      instrument_(instrument),
      log_(log),
      server_([this](http::Request request) { return answer(std::move(request)); }, server_options(log)),
      listeners_(io, log, listening) {}

Result<void> AdminServer::open(const net::Url& url) {
  if (!is_loopback(url))
    log_.warning("--admin {}: everybody who reaches this address may cut clients off; 127.0.0.1 is safer",
                 url.display());
  return listeners_.open(url, [this](asio::ip::tcp::socket socket) { server_.serve(std::move(socket)); });
}

void AdminServer::close() {
  listeners_.close();
  server_.close();
}

asio::awaitable<http::Answer> AdminServer::answer(http::Request request) {
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
  if (request.path == "/healthz") co_return text_or_503(co_await instrument_.illness());
  if (request.path == "/readyz") co_return text_or_503(instrument_.not_ready());
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
  measure_process(tool_, text);
  co_await instrument_.measure(text);
  http::Response response = http::ok(prometheus_content_type, text.text());
  response.headers.add("Cache-Control", "no-store");
  co_return response;
}

Result<net::Url> parse_admin_url(const std::string& text) {
  auto url = net::parse_url(text);
  if (!url) return std::move(url).error();
  if (url->scheme != "http" || !(url->path.empty() || url->path == "/"))
    return Error{Errc::usage, fmt::format("--admin {}: give http://ADDR:PORT", text)};
  return url;
}

}  // namespace srs::admin
