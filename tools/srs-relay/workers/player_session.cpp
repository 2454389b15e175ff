#include "srs-relay/workers/player_session.h"

#include <fmt/format.h>

#include <asio/post.hpp>
#include <utility>

#include "media/message.h"

namespace srs::relay {
namespace {

// After the last byte a player gets this long to close, then we do.
constexpr std::chrono::seconds closing_time{2};

// Of replies that wait. Only a peer that does not read exceeds it.
constexpr std::size_t max_waiting_bytes = 64 * 1024;

// What the kernel holds unsent per player. By default it takes up to 4 MiB: seconds of a stream that can no
// longer be skipped, and gigabytes for a thousand stalled players. (A smaller send buffer would limit
// players with long round trips.)
constexpr int max_unsent_bytes = 128 * 1024;

}  // namespace

PlayerSession::PlayerSession(Worker& worker, std::shared_ptr<Stream> stream, std::string name,
                             const cli::Log& log)
    : Player(worker.clock()),
      worker_(worker),
      stream_(std::move(stream)),
      name_(std::move(name)),
      number_(worker.next_client_number()),
      since_(worker.clock().steady()),
      log_(log) {}

std::string PlayerSession::id() const {
  return fmt::format("{}-{}", worker_.number(), number_);
}

const std::string& PlayerSession::path() const {
  return stream_->path();
}

void PlayerSession::describe(ClientInfo& info) const {
  info.id = id();
  info.kind = is_push() ? "push" : "player";
  info.protocol = protocol();
  info.address = name_;
  info.stream = stream_->path();
  info.since = since_;
}

// A time that this log does not know, of a timeline without a name, may be of any other one.
const log::WireStart* PlayerSession::choose_start(const log::WireReader& wire) {
  const log::WireStart* newest = Player::choose_start(wire);
  if (!resume_ || newest == nullptr) return newest;
  const Resume resume = *std::exchange(resume_, nullptr);
  if (resume.timeline != stream_->provenance().timeline) return newest;
  const std::int64_t now = wire.newest_ms();
  const std::int64_t after = resume.after_ms + media::whole_turns(resume.after_ms, now);
  const log::WireStart* start = wire.start_before(after);
  if (start == nullptr && !resume.timeline.empty()) start = wire.oldest_start();
  return start != nullptr ? start : newest;
}

void PlayerSession::on_first_media() {
  if (!is_push()) stream_->count_first_frame(worker_.clock().steady() - since_);
}

void PlayerSession::on_skipped(std::chrono::milliseconds time) {
  if (!is_push()) stream_->slow_players().add(name_, time);
}

void PlayerSession::set_resume(const std::optional<Resume>& resume) {
  if (resume) resume_ = std::make_unique<Resume>(*resume);
}

void PlayerSession::hold_right(gate::Gate& gate, access::Question question, hooks::Client client,
                               const access::Grant& grant) {
  right_ = gate.hold(std::move(question), std::move(client), grant, transport().executor(),
                     [weak = std::weak_ptr(self())](const std::string& why) {
                       if (const auto session = weak.lock()) session->drop("its right has ended: " + why);
                     });
}

void PlayerSession::start(const FoundStream& found, const LastBytes& last_bytes) {
  transport().limit_unsent(max_unsent_bytes);
  fanout_ = &worker_.join(found, last_bytes, shared_from_this());
  if (may_have_read_ahead()) return run_turn_soon();
  watch();
}

// Players send little; a readable transport mostly means that the peer is gone.
void PlayerSession::watch() {
  transport().wait(net::Transport::Ready::readable,
                   {self(), [](void* session, const asio::error_code& error) {
                      static_cast<PlayerSession*>(session)->on_readable(error);
                    }});
}

void PlayerSession::on_readable(const asio::error_code& error) {
  if (fanout_ == nullptr) return;
  if (error) return close();
  run_turn();
}

void PlayerSession::run_turn() {
  if (fanout_ == nullptr) return;
  if (cut_off_) return close();
  const Input input = read_input();
  if (fanout_ == nullptr) return;
  if (input == Input::gone || cut_off_) return close();
  if (own_bytes() >= max_waiting_bytes) {
    input_paused_ = true;
  } else if (input == Input::more) {
    run_turn_soon();
  } else {
    watch();
  }
}

void PlayerSession::run_turn_soon() {
  asio::post(transport().executor(), [session = self()] { session->run_turn(); });
}

void PlayerSession::on_room() {
  if (input_paused_ && own_bytes() < max_waiting_bytes) {
    input_paused_ = false;
    run_turn_soon();
  }
}

void PlayerSession::on_gone(const std::string& why) {
  if (!why.empty()) on_dropped(why);
  if (finished() && why.empty()) return close_later();
  cut_off_ = true;
  if (std::exchange(input_paused_, false)) return run_turn_soon();
  transport().cancel();  // ends watch(), which closes
}

void PlayerSession::on_dropped(const std::string& why) {
  right_.note_end(counters().sent_bytes, why);
  log_.info_by({"player dropped", name_}, "{}: {} dropped: {}", stream_->path(), name_, why);
}

void PlayerSession::end_early() {
  if (fanout_ != nullptr) fanout_->finish(*this, false);
}

void PlayerSession::close_later() {
  closing_ = std::make_unique<net::Timer>(transport().executor(), worker_.clock());
  closing_->expires_after(closing_time);
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
  right_.note_end(counters().sent_bytes, {});
  right_ = {};
  log_.debug("{}: {} leaves after {} bytes and {} jumps", stream_->path(), name_, counters().sent_bytes,
             counters().jumps);
  transport().close();
  on_closed();
}

}  // namespace srs::relay
