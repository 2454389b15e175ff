#include "origin_probe.h"

#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <optional>

#include "origins.h"
#include "rtmp/client_session.h"

namespace srs::relay {
namespace {

// A path that no stream has: names never start with a dot.
constexpr std::string_view probe_path = "health/.probe";

asio::awaitable<Result<void>> probe_http(const Origin& origin, http::Client& http,
                                         std::chrono::milliseconds timeout) {
  struct Answer {
    explicit Answer(const asio::any_io_executor& executor)
        : come(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer come;  // cancelled when there is an answer
    std::optional<Result<void>> result;
    http::TransferPtr transfer;
  };
  auto answer = std::make_shared<Answer>(co_await asio::this_coro::executor);
  http::ClientRequest request;
  request.url = origin.spec.url_of(probe_path).text();
  request.connect_to = origin.connect_to;
  request.connect_time = timeout;
  request.total_time = timeout;
  http::ClientHandlers handlers;
  handlers.on_head = [&result = answer->result, &come = answer->come](int, const http::Headers&) {
    result = Result<void>();
    come.cancel();
  };
  handlers.on_done = [&held = answer->result, &come = answer->come](Result<void> result) {
    if (!held) held = std::move(result);
    come.cancel();
  };
  answer->transfer = http.get(std::move(request), std::move(handlers));
  asio::error_code cancelled;
  co_await answer->come.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (!answer->result) co_return Error{Errc::closed, "interrupted"};
  co_return std::move(*answer->result);
}

}  // namespace

asio::awaitable<Result<void>> probe_origin(const Origin& origin, http::Client& http,
                                           std::chrono::milliseconds timeout) {
  if (origin.spec.is_http()) co_return co_await probe_http(origin, http, timeout);
  rtmp::ConnectOptions options;
  options.connect_to = origin.connect_to;
  auto session = co_await rtmp::ClientSession::connect(origin.spec.url_of(probe_path), timeout, options);
  if (session) co_return Result<void>();
  // It speaks, even if it does not like us.
  if (session.error().code == Errc::refused) co_return Result<void>();
  co_return std::move(session).error();
}

}  // namespace srs::relay
