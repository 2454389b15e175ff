#include "net/listener.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <asio/ip/v6_only.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <chrono>

namespace srs::net {
namespace {

using asio::ip::tcp;

Error listen_error(const Url& url, const asio::error_code& error) {
  std::string message = fmt::format("cannot listen on {}: {}", url.display(), error.message());
  if (error == asio::error::address_in_use)
    message += " (another program has this port; choose another or port 0)";
  if (error == asio::error::access_denied) message += " (ports below 1024 need root)";
  return {Errc::io, std::move(message)};
}

// The addresses to try, in order: with no host, the dual-stack wildcard before the IPv4 one.
Result<std::vector<tcp::endpoint>> endpoints_of(const Url& url, asio::any_io_executor executor) {
  if (url.host.empty())
    return std::vector<tcp::endpoint>{{asio::ip::address_v6::any(), url.port},
                                      {asio::ip::address_v4::any(), url.port}};
  asio::error_code error;
  tcp::resolver resolver(executor);
  const auto found = resolver.resolve(url.host, std::to_string(url.port), tcp::resolver::passive, error);
  if (error) return listen_error(url, error);
  std::vector<tcp::endpoint> endpoints;
  for (const auto& entry : found) endpoints.push_back(entry.endpoint());
  return endpoints;
}

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

enum class Sharing { none, among_threads };

asio::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, Sharing sharing) {
  asio::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (sharing == Sharing::among_threads) acceptor.set_option(ReusePort(true), error);
  if (endpoint.address().is_v6() && endpoint.address().is_unspecified())
    acceptor.set_option(asio::ip::v6_only(false), error);
  acceptor.bind(endpoint, error);
  return error;
}

asio::error_code bind_and_listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, Sharing sharing) {
  asio::error_code error = bind(acceptor, endpoint, sharing);
  if (!error) acceptor.listen(4096, error);
  return error;
}

bool out_of_descriptors(const asio::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_memory ||
         error == asio::error::no_buffer_space ||
         error == asio::error_code(ENFILE, asio::error::get_system_category());
}

}  // namespace

Result<Listener> Listener::open(asio::any_io_executor executor, const Url& url) {
  auto endpoints = endpoints_of(url, executor);
  if (!endpoints) return std::move(endpoints).error();
  asio::error_code error;
  for (const auto& endpoint : *endpoints) {
    tcp::acceptor acceptor(executor);
    error = bind_and_listen(acceptor, endpoint, Sharing::none);
    if (!error) return Listener(std::move(acceptor), url.scheme);
    if (error == asio::error::address_in_use) break;
  }
  return listen_error(url, error);
}

Result<std::vector<Listener>> Listener::open_shared(const std::vector<asio::any_io_executor>& executors,
                                                    const Url& url) {
  auto endpoints = endpoints_of(url, executors.front());
  if (!endpoints) return std::move(endpoints).error();
  asio::error_code error;
  for (tcp::endpoint endpoint : *endpoints) {
    // Another program of this user that shares the port would go unnoticed: ask for it alone first.
    tcp::acceptor alone(executors.front());
    error = bind(alone, endpoint, Sharing::none);
    alone.close();
    std::vector<Listener> listeners;
    for (const auto& executor : executors) {
      if (error) break;
      tcp::acceptor acceptor(executor);
      error = bind_and_listen(acceptor, endpoint, Sharing::among_threads);
      if (!error) endpoint = acceptor.local_endpoint(error);  // the free port, the same for all
      listeners.push_back(Listener(std::move(acceptor), url.scheme));
    }
    if (!error) return listeners;
    if (error == asio::error::address_in_use) break;
  }
  return listen_error(url, error);
}

std::string Listener::display() const {
  asio::error_code error;
  const auto endpoint = acceptor_.local_endpoint(error);
  Url url;
  url.scheme = scheme_;
  url.host = endpoint.address().is_unspecified() ? "0.0.0.0" : endpoint.address().to_string();
  url.port = endpoint.port();
  return url.display();
}

std::uint16_t Listener::port() const {
  asio::error_code error;
  return acceptor_.local_endpoint(error).port();
}

asio::awaitable<void> Listener::accept_loop(std::function<void(tcp::socket)> serve,
                                            std::function<void(std::string)> complain) {
  bool complained = false;
  asio::steady_timer pause(acceptor_.get_executor());
  while (!closing_) {
    asio::error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error) {
      complained = false;
      asio::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      serve(std::move(socket));
    } else if (out_of_descriptors(error)) {
      if (!complained)
        complain(
            fmt::format("{}: cannot accept: {}; waiting for connections to end "
                        "(raise the limit with ulimit -n)",
                        display(), error.message()));
      complained = true;
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
    // Anything else concerns the one connection that died before it was accepted.
  }
  take_waiting(serve);
  asio::error_code ignored;
  acceptor_.close(ignored);
}

void Listener::take_waiting(const std::function<void(tcp::socket)>& serve) {
  asio::error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    tcp::socket socket(acceptor_.get_executor());
    acceptor_.accept(socket, error);
    if (error) break;
    asio::error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    serve(std::move(socket));
  }
}

void Listener::close() {
  closing_ = true;
  asio::error_code ignored;
  acceptor_.cancel(ignored);  // accept_loop() does the rest
}

std::string remote_address(const tcp::socket& socket) {
  asio::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return "unknown";
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                         : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

}  // namespace srs::net
