#include "http/client.h"

#include <unistd.h>

#include "http/client_state.h"
#include "http/transfer.h"

namespace srs::http {
namespace {

// Idle connections that are kept.
constexpr long idle_connections_max = 64;

}  // namespace

void TransferDeleter::operator()(Transfer* transfer) const {
  const auto held = std::move(transfer->self);
  transfer->abandon();
}

void Client::State::start() {
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, idle_connections_max);
}

int Client::State::on_timer(CURLM*, long milliseconds, void* user) {
  State& state = *static_cast<State*>(user);
  if (milliseconds < 0) return state.timer.cancel(), 0;
  state.timer.expires_after(std::chrono::milliseconds(milliseconds));
  state.timer.async_wait([held = state.weak_from_this()](const asio::error_code& cancelled) {
    const auto waiting = held.lock();
    if (!cancelled && waiting) waiting->act(CURL_SOCKET_TIMEOUT, 0);
  });
  return 0;
}

int Client::State::on_socket(CURL*, curl_socket_t socket, int what, void* user, void*) {
  State& state = *static_cast<State*>(user);
  if (what == CURL_POLL_REMOVE) {
    state.watches.erase(socket);
    return 0;
  }
  std::shared_ptr<Watch>& watch = state.watches[socket];
  if (!watch) {
    const int duplicate = ::dup(socket);
    if (duplicate < 0) return state.watches.erase(socket), -1;
    watch = std::make_shared<Watch>(state.io, duplicate);
  }
  watch->wanted = what;
  state.wait_for(socket, watch);
  return 0;
}

void Client::State::wait_for(curl_socket_t socket, const std::shared_ptr<Watch>& watch) {
  const auto wait = [&](bool wanted, bool& waits, asio::posix::descriptor_base::wait_type type, int event) {
    if (!wanted || waits) return;
    waits = true;
    watch->descriptor.async_wait(type, [held = weak_from_this(), socket, weak = std::weak_ptr(watch), &waits,
                                        event](const asio::error_code& error) {
      const auto state = held.lock();
      const auto watched = weak.lock();
      if (!watched) return;
      waits = false;
      if (!error && state) state->on_ready(socket, watched, event);
    });
  };
  wait((watch->wanted & CURL_POLL_IN) != 0, watch->reads, asio::posix::descriptor_base::wait_read,
       CURL_CSELECT_IN);
  wait((watch->wanted & CURL_POLL_OUT) != 0, watch->writes, asio::posix::descriptor_base::wait_write,
       CURL_CSELECT_OUT);
}

void Client::State::on_ready(curl_socket_t socket, const std::shared_ptr<Watch>& watch, int event) {
  const auto is_watched = [&] {
    const auto found = watches.find(socket);
    return found != watches.end() && found->second == watch;
  };
  if (!is_watched()) return;
  act(socket, event);
  if (is_watched()) wait_for(socket, watch);
}

void Client::State::act(curl_socket_t socket, int events) {
  const auto held = shared_from_this();
  int running = 0;
  curl_multi_socket_action(multi, socket, events, &running);
  finish_done();
}

void Client::State::finish_done() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    Transfer* transfer = nullptr;
    const CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    transfer->finish(code);
  }
}

Client::Client(asio::io_context& io, std::shared_ptr<const net::TlsContext> trust)
    : state_(std::make_shared<State>(io, std::move(trust))) {
  state_->start();
}

Client::~Client() {
  state_->timer.cancel();
}

void Client::pause(Transfer& transfer) {
  transfer.pause();
}

void Client::resume(Transfer& transfer) {
  transfer.resume();
}

TransferPtr Client::send(ClientRequest request, ClientHandlers handlers) {
  auto transfer = std::make_shared<Transfer>(state_, std::move(request), std::move(handlers));
  transfer->self = transfer;
  return TransferPtr(transfer.get());
}

}  // namespace srs::http
