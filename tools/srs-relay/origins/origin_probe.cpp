#include "srs-relay/origins/origin_probe.h"

#include <asio/this_coro.hpp>
#include <memory>

#include "net/answer.h"
#include "rtmp/client_session.h"
#include "srs-relay/origins/origins.h"

namespace srs::relay {
namespace {

// A path that no stream has: names never start with a dot.
constexpr std::string_view probe_path = "health/.probe";

}  // namespace

asio::awaitable<Result<void>> probe_http(const Origin& origin, http::Client& http,
                                         std::shared_ptr<const net::TlsContext>,
                                         std::chrono::milliseconds timeout) {
  const auto answer = std::make_shared<net::Answer<Result<void>>>(co_await asio::this_coro::executor);
  http::ClientRequest request;
  request.url = origin.spec.url_of(probe_path).text();
  request.connect_to = origin.connect_to;
  request.connect_time = timeout;
  request.total_time = timeout;
  http::ClientHandlers handlers;
  handlers.on_head = [answer](int, const http::Headers&) { answer->set(Result<void>()); };
  handlers.on_done = [answer](Result<void> result) { answer->set(std::move(result)); };
  const http::TransferPtr transfer = http.get(std::move(request), std::move(handlers));
  auto answered = co_await answer->wait();
  if (!answered) co_return Error{Errc::closed, "interrupted"};
  co_return *std::move(answered);
}

asio::awaitable<Result<void>> probe_rtmp(const Origin& origin, http::Client&,
                                         std::shared_ptr<const net::TlsContext> tls,
                                         std::chrono::milliseconds timeout) {
  rtmp::ConnectOptions options;
  options.connect_to = origin.connect_to;
  options.tls = std::move(tls);
  auto session = co_await rtmp::ClientSession::connect(origin.spec.url_of(probe_path), timeout, options);
  if (session) co_return Result<void>();
  // A refusal is an answer.
  if (session.error().code == Errc::refused) co_return Result<void>();
  co_return std::move(session).error();
}

}  // namespace srs::relay
