#include "net/tls_handshakes.h"

#include <asio/buffer.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>
#include <optional>

#include "net/listener.h"
#include "net/spawn.h"

namespace srs::net {
namespace {

using asio::ip::tcp;

// In plain text, for a browser that was sent to http://.
constexpr std::string_view plain_http_answer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 30\r\n"
    "Connection: close\r\n\r\nthis port takes https:// only\n";

}  // namespace

// Listed as long as it lives, which is as long as its coroutine runs.
struct TlsHandshakes::Handshake : std::enable_shared_from_this<Handshake> {
  Handshake(std::set<Handshake*>& list, tcp::socket accepted, Ticket admitted)
      : listed(list),
        socket(std::move(accepted)),
        ticket(std::move(admitted)),
        peer(remote_address(socket)),
        timer(socket.get_executor()) {
    listed.insert(this);
  }
  Handshake(const Handshake&) = delete;
  Handshake& operator=(const Handshake&) = delete;
  ~Handshake() { listed.erase(this); }

  void start_timer() {
    timer.expires_after(time);
    timer.async_wait([weak = weak_from_this()](const asio::error_code& error) {
      if (const auto self = weak.lock(); self && !error)
        self->end({Errc::timed_out, "the TLS handshake took too long"});
    });
  }

  void end(Error why) {
    ended = std::move(why);
    asio::error_code ignored;
    socket.cancel(ignored);
  }

  std::set<Handshake*>& listed;
  tcp::socket socket;
  Ticket ticket;
  const std::string peer;
  std::unique_ptr<TlsStream> tls;
  asio::steady_timer timer;
  std::optional<Error> ended;  // from outside
};

void TlsHandshakes::begin(tcp::socket socket, Ticket ticket) {
  const auto executor = socket.get_executor();
  auto handshake = std::make_shared<Handshake>(open_, std::move(socket), std::move(ticket));
  handshake->start_timer();
  spawn(executor, run(std::move(handshake)), "TLS handshake", log_);
}

void TlsHandshakes::close() {
  for (Handshake* const handshake : open_) handshake->end({Errc::closed, "the listener was closed"});
}

asio::awaitable<void> TlsHandshakes::run(std::shared_ptr<Handshake> handshake) {
  auto shaken = co_await shake_hands(handshake);
  handshake->timer.cancel();
  if (!shaken) {
    refuse(*handshake, shaken.error());
    co_return;
  }
  serve_(Socket(std::move(handshake->socket), std::move(handshake->tls)), std::move(handshake->ticket));
}

asio::awaitable<Result<void>> TlsHandshakes::shake_hands(std::shared_ptr<Handshake> handshake) {
  const std::string_view protocols = options_.scheme == "https" ? TlsStream::alpn_http : std::string_view();
  auto opened = TlsStream::server(handshake->socket.native_handle(),
                                  certificates_.context(options_.for_operators), protocols);
  if (!opened) co_return std::move(opened).error();
  handshake->tls = *std::move(opened);
  for (;;) {
    if (handshake->ended) co_return *handshake->ended;
    auto wait = handshake->tls->handshake();
    if (!wait) co_return std::move(wait).error();
    if (*wait == TlsStream::Wait::none) co_return Result<void>{};
    asio::error_code ignored;  // the next step finds it
    const auto what = *wait == TlsStream::Wait::writable ? tcp::socket::wait_write : tcp::socket::wait_read;
    co_await handshake->socket.async_wait(what, asio::redirect_error(asio::use_awaitable, ignored));
  }
}

// Port scans and health checks send nothing; not worth a warning.
void TlsHandshakes::refuse(Handshake& handshake, const Error& why) {
  if (why.code == Errc::closed)
    log_.debug("{}: {}", handshake.peer, why.message);
  else
    log_.warning_by({"bad TLS peer", handshake.peer}, "{}: {}", handshake.peer, why.message);
  if (handshake.tls && handshake.tls->is_plain_http() && options_.scheme == "https") {
    asio::error_code ignored;
    handshake.socket.non_blocking(true, ignored);
    handshake.socket.send(asio::buffer(plain_http_answer), 0, ignored);
    handshake.socket.shutdown(tcp::socket::shutdown_send, ignored);
  }
  handshake.ticket.close(handshake.socket);
}

}  // namespace srs::net
