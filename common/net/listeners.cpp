#include "net/listeners.h"

#include <asio/post.hpp>

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
  for (std::size_t i = 0; i < servers.size(); ++i) start(std::move((*opened)[i]), servers[i].serve);
  return {};
}

void Listeners::start(Listener listener, Serve serve) {
  listeners_.push_back(std::move(listener));
  Listener& held = listeners_.back();
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
  spawn(held.executor(), held.accept_loop(std::move(serve), std::move(callbacks)), "listener", log_);
}

void Listeners::hand_over() {
  for (Listener& listener : listeners_)
    asio::post(listener.executor(), [&listener] { listener.hand_over(); });
}

void Listeners::close() {
  for (Listener& listener : listeners_) asio::post(listener.executor(), [&listener] { listener.close(); });
}

}  // namespace srs::net
