#include "net/listeners.h"

#include "net/spawn.h"

namespace srs::net {

Result<void> Listeners::open(const Url& url, Serve serve) {
  auto opened = Listener::open(io_.get_executor(), url);
  if (!opened) return std::move(opened).error();
  listeners_.push_back(*std::move(opened));
  Listener& listener = listeners_.back();
  log_.info("listening on {}", listener.display());
  auto complain = [this](const std::string& what) { log_.warning("{}", what); };
  spawn(io_.get_executor(), listener.accept_loop(std::move(serve), complain), "listener", log_);
  return {};
}

void Listeners::close() {
  for (Listener& listener : listeners_) listener.close();
}

}  // namespace srs::net
