#include "push_session.h"

#include <cerrno>

namespace srs::relay {

void PushSession::start(const Hub::Found& found) {
  client_.connection().forget_deadline();
  PlayerSession::start(found, {});
}

ssize_t PushSession::transmit(const msghdr& message) {
  net::TlsStream* tls = client_.connection().tls();
  if (tls == nullptr) return Player::transmit(message);
  std::size_t total = 0;
  const auto blocked = [&](Errc error) -> ssize_t {
    if (total > 0) return static_cast<ssize_t>(total);
    errno = error == Errc::timed_out ? EAGAIN : ECONNRESET;
    return -1;
  };
  auto flushed = tls->flush();
  if (!flushed) return blocked(Errc::closed);
  for (std::size_t i = 0; i < message.msg_iovlen; ++i) {
    Bytes left(static_cast<const std::uint8_t*>(message.msg_iov[i].iov_base), message.msg_iov[i].iov_len);
    while (!left.empty()) {
      auto taken = tls->write(left);
      if (!taken) return blocked(Errc::closed);
      if (*taken == 0) return blocked(Errc::timed_out);
      total += *taken;
      left = left.subspan(*taken);
    }
  }
  return total == 0 && tls->has_unsent() ? blocked(Errc::timed_out) : static_cast<ssize_t>(total);
}

bool PushSession::holds_unsent() {
  const net::TlsStream* tls = client_.connection().tls();
  return tls != nullptr && tls->has_unsent();
}

// A relay leaves out what it has already. So it gets all that is kept of the stream: when a connection
// breaks, nobody knows how much of what was sent has come, and a short break shall cost nothing.
const media::WireStart* PushSession::choose_start(const media::WireReader& wire) {
  const bool from_the_beginning = client_.takes_annotations() && !std::exchange(begun_, true);
  return from_the_beginning ? wire.oldest_start() : wire.newest_start();
}

PlayerSession::Input PushSession::take_input() {
  auto answer = client_.poll_publishing();
  if (!answer) {
    if (why_.message.empty() && !finished()) why_ = answer.error();
    return Input::gone;
  }
  if (!answer->empty() && !finished()) reply(wire(), Slice::copy_of(*answer));
  if (client_.reconnect_request()) tell_over();
  return client_.has_more_input() ? Input::more : Input::quiet;
}

void PushSession::on_closed() {
  over_ = true;
  tell_over();
}

void PushSession::tell_over() {
  if (const auto told = std::exchange(on_over, nullptr)) told();
}

}  // namespace srs::relay
