#include "player_session.h"

#include <fmt/format.h>
#include <netinet/tcp.h>

#include <asio/post.hpp>
#include <utility>

#include "worker.h"

namespace srs::relay {
namespace {

using asio::ip::tcp;

// After the last byte a player gets this long to close, then we do.
constexpr std::chrono::seconds closing_time{2};

// Of what a player is to be sent beside the stream; more is only asked for by who does not read.
constexpr std::size_t max_waiting_bytes = 64 * 1024;

// What the kernel holds for a player unsent. It would take 4 MiB: seconds of a stream that nobody can skip
// any more, and gigabytes for a thousand players that stall. (A smaller send buffer would do it, too, but
// limits those with long round trips.)
constexpr int max_unsent_bytes = 128 * 1024;
using NotSentLowWater = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_NOTSENT_LOWAT>;

}  // namespace

PlayerSession::PlayerSession(Worker& worker, std::shared_ptr<Stream> stream, std::string name,
                             const cli::Log& log)
    : worker_(worker),
      stream_(std::move(stream)),
      name_(std::move(name)),
      number_(worker.next_client_number()),
      log_(log) {}

std::string PlayerSession::id() const {
  return fmt::format("{}-{}", worker_.number(), number_);
}

void PlayerSession::describe(ClientInfo& info) const {
  info.id = id();
  info.kind = is_push() ? "push" : "player";
  info.protocol = protocol();
  info.address = name_;
  info.stream = stream_->path();
  info.since = since_;
}

void PlayerSession::on_first_media() {
  if (!is_push()) stream_->count_first_frame(Clock::now() - since_);
}

void PlayerSession::start(const Hub::Found& found, const LastBytes& last_bytes) {
  asio::error_code ignored;
  socket().set_option(NotSentLowWater(max_unsent_bytes), ignored);
  fanout_ = &worker_.join(found, last_bytes, shared_from_this());
  if (may_have_read_ahead()) return take_turn_soon();
  watch();
}

// Players say little: what can be read is mostly their end.
void PlayerSession::watch() {
  socket().async_wait(tcp::socket::wait_read, [session = self()](const asio::error_code& error) {
    if (session->fanout_ == nullptr) return;
    if (error) return session->close();
    session->take_turn();
  });
}

void PlayerSession::take_turn() {
  if (fanout_ == nullptr) return;
  if (cut_off_) return close();
  const Input input = take_input();
  if (fanout_ == nullptr) return;
  if (input == Input::gone || cut_off_) return close();
  if (own_bytes() >= max_waiting_bytes) {
    is_unheard_ = true;
  } else if (input == Input::more) {
    take_turn_soon();
  } else {
    watch();
  }
}

void PlayerSession::take_turn_soon() {
  asio::post(socket().get_executor(), [session = self()] { session->take_turn(); });
}

void PlayerSession::on_room() {
  if (is_unheard_ && own_bytes() < max_waiting_bytes) {
    is_unheard_ = false;
    take_turn_soon();
  }
}

void PlayerSession::on_gone(const std::string& why) {
  if (!why.empty()) tell_dropped(why);
  if (finished() && why.empty()) return close_later();
  cut_off_ = true;
  if (std::exchange(is_unheard_, false)) return take_turn_soon();
  asio::error_code ignored;
  socket().cancel(ignored);  // ends watch(), which closes
}

void PlayerSession::tell_dropped(const std::string& why) {
  log_.info_by({"player dropped", name_}, "{}: {} dropped: {}", stream_->path(), name_, why);
}

void PlayerSession::end_early() {
  if (fanout_ != nullptr) fanout_->finish(*this, false);
}

void PlayerSession::close_later() {
  closing_ = std::make_unique<asio::steady_timer>(socket().get_executor(), closing_time);
  closing_->async_wait([session = self()](const asio::error_code& cancelled) {
    if (!cancelled) session->close();
  });
}

void PlayerSession::close() {
  if (fanout_ == nullptr) return;
  drop({});
  worker_.leave(stream_, *fanout_, *this);
  fanout_ = nullptr;
  closing_.reset();
  log_.debug("{}: {} leaves after {} bytes and {} jumps", stream_->path(), name_, counters().sent_bytes,
             counters().jumps);
  asio::error_code ignored;
  socket().close(ignored);
  on_closed();
}

}  // namespace srs::relay
