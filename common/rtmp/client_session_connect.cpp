// How a ClientSession connects: resolver, socket, TLS, handshake, "connect" and its refusals.
#include <fmt/format.h>

#include <algorithm>
#include <asio/connect.hpp>
#include <asio/io_context.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "net/resolver.h"
#include "rtmp/auth.h"
#include "rtmp/client_session.h"
#include "rtmp/handshake.h"

namespace srs::rtmp {
namespace {

using asio::ip::tcp;

constexpr std::uint32_t window_bytes = 2'500'000;

using Endpoints = std::vector<tcp::endpoint>;

// Not asio's resolver: an unreachable name server would delay every other query of this thread, and its exit.
asio::awaitable<Result<Endpoints>> resolve(net::Url url, std::chrono::milliseconds timeout) {
  const auto executor = co_await asio::this_coro::executor;
  net::Resolver resolver(static_cast<asio::io_context&>(asio::query(executor, asio::execution::context)));
  asio::steady_timer answered(executor, timeout);
  std::optional<Result<std::vector<net::Address>>> answer;
  resolver.resolve(url, [&](Result<std::vector<net::Address>> found) {
    answer = std::move(found);
    answered.cancel();
  });
  asio::error_code ignored;
  co_await answered.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  if (!answer) co_return Error{Errc::timed_out, "no answer from the name server"};
  if (!*answer) co_return std::move(*answer).error();
  Endpoints endpoints;
  for (const net::Address& address : **answer)
    endpoints.push_back({asio::ip::make_address(address.host, ignored), address.port});
  co_return endpoints;
}

// The path without its last component: "app/instance".
std::string app_of(const net::Url& url) {
  std::string_view path = url.path;
  if (path.starts_with('/')) path.remove_prefix(1);
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string() : std::string(path.substr(0, slash));
}

asio::awaitable<Result<tcp::socket>> open_socket(net::Url url, std::string connect_to,
                                                 std::chrono::milliseconds timeout) {
  const auto executor = co_await asio::this_coro::executor;
  const auto cannot = [&](const std::string& why) {
    return Error{Errc::closed, fmt::format("cannot connect to {}: {}", url.authority(), why)};
  };
  asio::error_code error;
  if (!connect_to.empty()) {
    const auto address = net::parse_url("rtmp://" + connect_to);
    if (!address) co_return cannot(address.error().message);
    url.host = address->host;
    url.port = address->port;
  }
  const auto found = co_await resolve(url, timeout);
  if (!found) co_return cannot(found.error().message);
  auto socket = std::make_shared<tcp::socket>(executor);
  auto timed_out = std::make_shared<bool>(false);
  asio::steady_timer timer(executor, timeout);
  timer.async_wait([socket, timed_out](const asio::error_code& cancelled) {
    if (cancelled) return;
    *timed_out = true;
    asio::error_code ignored;
    socket->close(ignored);
  });
  co_await asio::async_connect(*socket, *found, asio::redirect_error(asio::use_awaitable, error));
  timer.cancel();
  if (*timed_out)
    co_return Error{Errc::timed_out, fmt::format("cannot connect to {}: no answer", url.authority())};
  if (error) co_return cannot(error.message());
  co_return std::move(*socket);
}

}  // namespace

ClientSession::ClientSession(tcp::socket socket, const net::Url& url, std::shared_ptr<MessageBudget> budget)
    : connection_(std::move(socket), std::move(budget)) {
  // No media until play().
  connection_.reader().set_limit(ChunkReader::command_bytes);
  connection_.reader().keep_media(false);
  app_ = app_of(url);
  stream_ = url.path.substr(url.path.rfind('/') + 1);
  tc_url_ = fmt::format("{}://{}/{}", url.scheme, url.authority(), app_);
  if (!url.query.empty()) stream_ += "?" + url.query;
}

asio::awaitable<Result<ClientSession>> ClientSession::connect(net::Url url, std::chrono::milliseconds timeout,
                                                              ConnectOptions options) {
  const Deadline deadline = deadline_in(timeout);
  auto credentials = Credentials::of(url);
  if (!credentials) co_return std::move(credentials).error();
  Authentication authentication(*std::move(credentials), Authentication::make_challenge());
  for (int connections = 1;; ++connections) {
    Attempt attempt;
    attempt.app_query = authentication.query();
    auto session = co_await connect_once(url, deadline, options, attempt);
    if (session || attempt.refusal->empty()) co_return std::move(session);
    auto asks = authentication.take_refusal(*attempt.refusal, app_of(url));
    if (!asks) co_return std::move(asks).error().in(url.authority());
    if (!*asks || connections == Authentication::connections_max) co_return std::move(session);
  }
}

asio::awaitable<Result<ClientSession>> ClientSession::connect_once(net::Url url, Deadline deadline,
                                                                   ConnectOptions options, Attempt attempt) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  auto socket = co_await open_socket(url, options.connect_to, std::max(left, std::chrono::milliseconds(0)));
  if (!socket) co_return std::move(socket).error();
  ClientSession session(std::move(*socket), url, options.budget);
  session.redirect_ = options.redirect;
  if (url.scheme == "rtmps") {
    auto secured = co_await session.connection_.start_tls(url.host, options.tls, deadline);
    if (!secured) co_return std::move(secured).error().in(url.authority());
  }
  auto shaken = co_await session.shake_hands(deadline);
  if (!shaken) co_return std::move(shaken).error().in(url.authority());
  auto connected = co_await session.send_connect(std::move(options), std::move(attempt), deadline);
  if (!connected) co_return std::move(connected).error().in(url.authority());
  co_return std::move(session);
}

asio::awaitable<Result<void>> ClientSession::shake_hands(Deadline deadline) {
  ClientHandshake handshake;
  auto written = co_await connection_.write(handshake.take_output(), deadline);
  if (!written) co_return std::move(written).error();
  while (!handshake.done()) {
    auto bytes = co_await connection_.read_bytes(deadline);
    if (!bytes) co_return std::move(bytes).error();
    auto used = handshake.feed(*bytes);
    if (!used) co_return std::move(used).error();
    std::vector<std::uint8_t> output = handshake.take_output();
    if (!output.empty()) {
      written = co_await connection_.write(std::move(output), deadline);
      if (!written) co_return std::move(written).error();
    }
    connection_.unread(Bytes(*bytes).subspan(*used));
  }
  co_return Result<void>{};
}

asio::awaitable<Result<void>> ClientSession::send_connect(ConnectOptions options, Attempt attempt,
                                                          Deadline deadline) {
  amf::Value information = amf::Value::object({{"app", app_ + attempt.app_query},
                                               {"type", "nonprivate"},
                                               {"flashVer", "FMLE/3.0 (compatible; srs-tools)"},
                                               {"tcUrl", tc_url_ + attempt.app_query},
                                               {"fpad", false},
                                               {"capabilities", 15.0},
                                               {"audioCodecs", 4071.0},
                                               {"videoCodecs", 252.0},
                                               {"videoFunction", 1.0},
                                               {"objectEncoding", 0.0},
                                               {"fourCcList", fourcc_list()},
                                               {"videoFourCcInfoMap", amf::Value::object({{"*", 7.0}})},
                                               {"audioFourCcInfoMap", amf::Value::object({{"*", 7.0}})},
                                               {"capsEx", 7.0}});  // reconnect, multitrack, ModEx
  if (!options.via.empty()) information.set("via", options.via);
  if (!options.timeline.empty()) information.set("timeline", options.timeline);
  Outbox& outbox = connection_.outbox();
  outbox.set_chunk_size();
  outbox.window_ack_size(window_bytes);
  const double transaction = next_transaction_++;
  outbox.command("connect", transaction, {information});
  auto result = co_await wait_for_result(transaction, deadline);
  if (!result) co_return std::move(result).error();
  if (result->name == "_error" && result->arguments.size() > 1) {
    note_redirect(result->arguments[1]);
    *attempt.refusal = result->arguments[1].string_at("description");
  }
  if (result->name == "_error")
    co_return refusal(result->arguments.size() > 1 ? result->arguments[1] : amf::Value(),
                      "the server refused to connect");
  const amf::Value answer = result->arguments.size() > 1 ? result->arguments[1] : amf::Value();
  const amf::Value* welcome = answer.find(annotations_property);
  accepts_annotations_ = welcome != nullptr && welcome->as_boolean().value_or(false);
  co_return Result<void>{};
}

}  // namespace srs::rtmp
