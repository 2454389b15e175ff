#include "net/listener.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/filter.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asio/ip/v6_only.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <cerrno>
#include <chrono>
#include <iterator>
#include <utility>

#include "net/url_display.h"

namespace srs::net {
namespace {

using asio::ip::tcp;

Error listen_error(const Url& url, const asio::error_code& error) {
  std::string message = fmt::format("cannot listen on {}: {}", display_url(url), error.message());
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

enum class Sharing { none, allowed };

asio::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, Sharing sharing) {
  asio::error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (error) return error;
  acceptor.set_option(tcp::acceptor::reuse_address(true), error);
  if (sharing == Sharing::allowed) acceptor.set_option(ReusePort(true), error);
  if (endpoint.address().is_v6() && endpoint.address().is_unspecified())
    acceptor.set_option(asio::ip::v6_only(false), error);
  acceptor.bind(endpoint, error);
  return error;
}

asio::error_code bind_and_listen(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
  asio::error_code error = bind(acceptor, endpoint, Sharing::allowed);
  if (!error) acceptor.listen(4096, error);
  return error;
}

bool out_of_descriptors(const asio::error_code& error) {
  return error == asio::error::no_descriptors || error == asio::error::no_memory ||
         error == asio::error::no_buffer_space ||
         error == asio::error_code(ENFILE, asio::error::get_system_category());
}

// Descriptors are allocated from the lowest up, so one this high is among the last. These are left for better
// uses than one more player: the operators' interface, files.
bool is_among_last(int fd) {
  constexpr rlim_t left_free = 8;
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && static_cast<rlim_t>(fd) + left_free >= limit.rlim_cur;
}

// Makes the kernel give new connections to another process that listens on the same address. Its sockets
// follow ours, which are the oldest of the group: the filter chooses one of the next `ours`. For an index
// beyond the group, the kernel chooses as without a filter. So it does once our sockets are gone and theirs
// have moved up, unless the other process has more than we had: then its last ones get more than their share.
// Where the kernel does not support this, nothing changes.
void steer_away(int fd, std::size_t ours) {
  const auto count = static_cast<std::uint32_t>(ours);
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(SKF_AD_OFF + SKF_AD_RANDOM)),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, count),
      BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, count),
      BPF_STMT(BPF_RET | BPF_A, 0),
  };
  const sock_fprog program = {std::size(code), code};
  ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof program);
}

}  // namespace

Result<std::vector<Listener>> Listener::open(const std::vector<asio::any_io_executor>& executors,
                                             const Url& url, const ListenOptions& options) {
  auto endpoints = endpoints_of(url, executors.front());
  if (!endpoints) return std::move(endpoints).error();
  const int inherited = options.inherited == nullptr ? -1 : options.inherited->use(*endpoints);
  const auto with_options = [&](std::vector<Listener> listeners) {
    for (Listener& listener : listeners) listener.apply(options);
    return listeners;
  };
  if (inherited >= 0) {
    auto listeners = inherit(executors, url, inherited);
    if (!listeners) return listeners;
    return with_options(*std::move(listeners));
  }
  asio::error_code error;
  for (tcp::endpoint endpoint : *endpoints) {
    if (!options.share_ports) {
      // Sockets that allow sharing would silently share with another program: first try to bind the address
      // alone.
      tcp::acceptor alone(executors.front());
      error = bind(alone, endpoint, Sharing::none);
    }
    std::vector<Listener> listeners;
    for (const auto& executor : executors) {
      if (error) break;
      tcp::acceptor acceptor(executor);
      error = bind_and_listen(acceptor, endpoint);
      if (!error) endpoint = acceptor.local_endpoint(error);  // the free port, the same for all
      listeners.push_back(Listener(std::move(acceptor), url.scheme, executors.size()));
    }
    if (!error) return with_options(std::move(listeners));
    if (error == asio::error::address_in_use) break;
  }
  return listen_error(url, error);
}

Result<std::vector<Listener>> Listener::inherit(const std::vector<asio::any_io_executor>& executors,
                                                const Url& url, int fd) {
  std::vector<Listener> listeners;
  int family = 0;
  socklen_t size = sizeof family;
  if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0)
    return listen_error(url, {errno, asio::error::get_system_category()});
  for (const auto& executor : executors) {
    const int duplicate = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (duplicate < 0) return listen_error(url, {errno, asio::error::get_system_category()});
    tcp::acceptor acceptor(executor);
    asio::error_code error;
    acceptor.assign(family == AF_INET6 ? tcp::v6() : tcp::v4(), duplicate, error);
    if (error) {
      ::close(duplicate);
      return listen_error(url, error);
    }
    listeners.push_back(Listener(std::move(acceptor), url.scheme, 0));
  }
  return listeners;
}

std::string Listener::display() const {
  asio::error_code error;
  const auto endpoint = acceptor_.local_endpoint(error);
  Url url;
  url.scheme = scheme_;
  url.host = endpoint.address().to_string();
  url.port = endpoint.port();
  return url.display();
}

std::string Listener::wildcard_scope() const {
  asio::error_code error;
  const auto address = acceptor_.local_endpoint(error).address();
  if (error || !address.is_unspecified()) return {};
  if (address.is_v4()) return "all addresses, IPv4 only";
  asio::ip::v6_only v6_only;
  acceptor_.get_option(v6_only, error);
  return error || v6_only ? "all addresses, IPv6 only" : "all addresses, IPv4 and IPv6";
}

std::uint16_t Listener::port() const {
  asio::error_code error;
  return acceptor_.local_endpoint(error).port();
}

asio::awaitable<void> Listener::accept_loop(Serve serve, Callbacks callbacks) {
  accepting_ = true;
  bool reported = false;
  bool lent = false;  // a spare descriptor, for the next connection
  asio::steady_timer pause(acceptor_.get_executor());
  while (!closing_) {
    asio::error_code error;
    tcp::socket socket = co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
    if (!error && !spares_ && is_among_last(socket.native_handle())) {
      socket.close(error);
      error = asio::error::no_descriptors;
    }
    if (!error) {
      if (!lent) reported = false;
      admit(std::move(socket), std::exchange(lent, false), serve, callbacks);
    } else if (out_of_descriptors(error) && !lent && spares_ && spares_->lend()) {
      lent = true;
    } else if (out_of_descriptors(error)) {
      if (!reported)
        callbacks.on_error(
            fmt::format("{}: cannot accept: {}; waiting for connections to end "
                        "(raise the limit with ulimit -n)",
                        display(), error.message()));
      reported = true;
      if (std::exchange(lent, false)) spares_->restore();
      pause.expires_after(std::chrono::milliseconds(100));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
      if (spares_) spares_->restore();
    }
    // Anything else concerns the one connection that died before it was accepted.
  }
  if (sharers_ > 0) accept_pending(serve, callbacks);
  asio::error_code ignored;
  acceptor_.close(ignored);
}

void Listener::admit(tcp::socket socket, bool spare, const Serve& serve, const Callbacks& callbacks) {
  asio::error_code error;
  socket.set_option(tcp::no_delay(true), error);
  Ticket ticket;
  if (spare) ticket.set_spare(spares_);
  if (admission_ != nullptr) {
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) return;  // the peer is gone
    const auto verdict = admission_->admit(peer.address(), ticket);
    if (verdict != Admission::Verdict::admitted) {
      if (callbacks.on_refused) callbacks.on_refused(verdict, peer);
      return ticket.close(socket);
    }
  }
  serve(std::move(socket), std::move(ticket));
}

void Listener::apply(const ListenOptions& options) {
  admission_ = options.admission;
  if (options.spares > 0) spares_ = std::make_shared<SpareDescriptors>(options.spares);
}

void Listener::accept_pending(const Serve& serve, const Callbacks& callbacks) {
  asio::error_code error;
  acceptor_.non_blocking(true, error);
  while (!error) {
    tcp::socket socket(acceptor_.get_executor());
    acceptor_.accept(socket, error);
    if (!error) admit(std::move(socket), false, serve, callbacks);
  }
}

void Listener::hand_over() {
  if (closing_) return;
  if (sharers_ == 0) return close();  // the owner of the socket hands it over
  steer_away(acceptor_.native_handle(), sharers_);
  hand_over_timer_ = std::make_unique<asio::steady_timer>(acceptor_.get_executor(), hand_over_time);
  hand_over_timer_->async_wait([this](const asio::error_code& cancelled) {
    if (!cancelled) close();
  });
}

void Listener::close() {
  closing_ = true;
  asio::error_code ignored;
  // accept_loop() accepts the pending ones, and closes.
  accepting_ ? acceptor_.cancel(ignored) : acceptor_.close(ignored);
}

std::string remote_address(const tcp::socket& socket) {
  asio::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? "unknown" : display_endpoint(endpoint);
}

std::string display_endpoint(const tcp::endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  return address.is_v6() ? fmt::format("[{}]:{}", address.to_string(), endpoint.port())
                         : fmt::format("{}:{}", address.to_string(), endpoint.port());
}

}  // namespace srs::net
