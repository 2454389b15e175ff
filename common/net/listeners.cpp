#include "net/listeners.h"

#include <asio/post.hpp>
#include <utility>

#include "net/spawn.h"

namespace srs::net {
Result<void> Listeners::open(const Url& url, Serve serve) {
  return open_shared(url, {{io_.get_executor(), std::move(serve)}});
}

Result<void> Listeners::open_shared(const Url& url, const std::vector<Server>& servers) {
  std::vector<asio::any_io_executor> executors;
  for (const Server& server : servers) executors.push_back(server.executor);
  auto opened = Listener::open(executors, url, options_);
  if (!opened) return std::move(opened).error();
  const std::string scope = opened->front().wildcard_scope();
  log_.info("listening on {}{}", opened->front().display(), scope.empty() ? "" : " (" + scope + ")");
  for (std::size_t i = 0; i < servers.size(); ++i) start(std::move((*opened)[i]), url, servers[i].serve);
  return {};
}

Listener::Serve Listeners::accept(Held& held, const Url& url, Serve serve) const {
  if (!is_tls(url.scheme)) {
    return [serve = std::move(serve)](asio::ip::tcp::socket socket, Ticket ticket) {
      serve(std::move(socket), std::move(ticket));
    };
  }
  held.handshakes = std::make_unique<TlsHandshakes>(
      *options_.certificates, TlsHandshakes::Options{url.scheme, options_.for_operators}, std::move(serve),
      log_);
  return [handshakes = held.handshakes.get()](asio::ip::tcp::socket socket, Ticket ticket) {
    handshakes->begin(std::move(socket), std::move(ticket));
  };
}

void Listeners::start(Listener listener, const Url& url, Serve serve) {
  listeners_.push_back({std::move(listener), nullptr});
  Listener& held = listeners_.back().listener;
  Listener::Callbacks callbacks;
  // Many threads run out of file descriptors at the same time, again and again: that is one line.
  callbacks.on_error = [this](const std::string& what) {
    log_.warning_by({"no descriptors", {}}, "{}", what);
  };
  callbacks.on_refused = [this, address = held.display()](Admission::Verdict verdict,
                                                          const asio::ip::tcp::endpoint& peer) {
    const std::string from = display_endpoint(peer);
    log_.warning_by({"connection refused", from}, "{}: connection of {} closed: {}", address, from,
                    options_.admission->explain(verdict));
  };
  spawn(held.executor(),
        held.accept_loop(accept(listeners_.back(), url, std::move(serve)), std::move(callbacks)), "listener",
        log_);
}

void Listeners::hand_over() {
  for (Held& held : listeners_) asio::post(held.listener.executor(), [&held] { held.listener.hand_over(); });
}

void Listeners::close() {
  for (Held& held : listeners_)
    asio::post(held.listener.executor(), [&held] {
      held.listener.close();
      if (held.handshakes) held.handshakes->close();
    });
}

}  // namespace srs::net
