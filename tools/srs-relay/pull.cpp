#include "pull.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "cli/command_line.h"
#include "media/annotations.h"
#include "net/spawn.h"
#include "pulls.h"

namespace srs::relay {
namespace {

constexpr std::chrono::milliseconds first_backoff{500};
constexpr std::chrono::milliseconds last_backoff{5'000};
constexpr std::chrono::seconds source_clock_holds{3};
constexpr std::int64_t clock_interval_ms = 1000;
constexpr unsigned max_stalled_relays = 8;
constexpr std::chrono::seconds between_asking_others{1};
// An origin that is to be left and says nothing for so long is left at once if there is another.
constexpr std::chrono::milliseconds leaving_silence{250};
constexpr std::size_t max_permits = 8;
constexpr unsigned messages_a_turn = 1024;  // a burst of a good origin must not wait

}  // namespace

Pull::Pull(Pulls& pulls, const Wanted& wanted, Shares::Share share, Clock::time_point not_before)
    : pulls_(pulls),
      wanted_(wanted),
      permits_{wanted.permit},
      search_(std::move(share)),
      not_before_(not_before),
      timer_(pulls.io()),
      last_player_at_(Clock::now()) {}

asio::awaitable<void> Pull::run() {
  const auto self = shared_from_this();
  auto backoff = first_backoff;
  co_await sleep(std::chrono::duration_cast<std::chrono::milliseconds>(not_before_ - Clock::now()));
  while (!stopped_) {
    is_trying_ = true;
    const Round round = co_await ask_all();
    is_trying_ = false;
    if (stopped_) break;
    if (round == Round::played) {
      backoff = first_backoff;
      continue;
    }
    if (!go_on_after(round)) break;
    co_await sleep(backoff);
    backoff = std::min(2 * backoff, last_backoff);
  }
  finish();
}

bool Pull::go_on_after(Round round) {
  if (round == Round::admitted) return false;
  if (round == Round::denied && permits_.size() > 1) {
    permits_.pop_front();
    return may_wait();
  }
  if (round == Round::denied && !published_) {
    pulls_.deny(*this);
    return false;
  }
  pulls_.on_absent(*this);
  for (const std::string& permit : permits_) pulls_.hub().give_up(path(), permit);
  return may_wait();
}

void Pull::add_permit(const std::string& permit) {
  if (permit == permits_.front()) return;
  std::erase(permits_, permit);
  permits_.insert(permits_.begin() + 1, permit);
  if (permits_.size() > max_permits) permits_.pop_back();
}

// Whether it is worth asking once more.
bool Pull::may_wait() const {
  const Waiters& waiters = pulls_.hub().waiters();
  if (published_) return !has_ended_ && Clock::now() - last_frame_at_ < pulls_.options().grace;
  return std::any_of(permits_.begin(), permits_.end(),
                     [&](const std::string& permit) { return waiters.any(path(), permit); });
}

// Each origin once, the one that was lost last.
asio::awaitable<Pull::Round> Pull::ask_all() {
  std::vector<OriginPtr> origins = co_await pulls_.origins_of(path());
  if (newest_origin_)
    std::stable_partition(origins.begin(), origins.end(),
                          [&](const OriginPtr& origin) { return origin != newest_origin_; });
  bool is_denied = false;
  for (const OriginPtr& origin : origins) {
    if (stopped_) break;
    // What it said of the stream's end holds.
    if (has_ended_ && origin == newest_origin_) continue;
    auto source = co_await open_source(pulls_, question(), origin, &connection_);
    if (stopped_) break;
    if (!source) {
      is_denied = is_denied || (pulls_.asks_for_each() && source.error().code == Errc::refused);
      continue;
    }
    if (!pulls_.admit(*this)) co_return Round::admitted;
    const Outcome outcome = co_await play(*std::move(source));
    if (outcome == Outcome::lost || outcome == Outcome::ended) co_return Round::played;
  }
  co_return is_denied ? Round::denied : Round::nothing;
}

asio::awaitable<Pull::Outcome> Pull::play(std::unique_ptr<PullSource> source) {
  bool brought_any = false;
  look_again_at_ = {};
  begin_source(*source);
  for (unsigned taken = 1;; ++taken) {
    // An origin that sends without pause must not keep the thread from the other streams.
    if (taken % messages_a_turn == 0) co_await asio::post(pulls_.io(), asio::use_awaitable);
    if (stopped_) co_return Outcome::failed;
    connection_ = source->connection.get();
    const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - silent_since_);
    auto message =
        co_await source->connection->read(std::max(patience() - silence, std::chrono::milliseconds(0)));
    connection_ = nullptr;
    if (stopped_) co_return Outcome::failed;
    const bool is_over = !message || !*message;
    // It is gone before another one is there: there may be one in a moment.
    if (is_over && successor_) co_await successor_->wait();
    if (stopped_) co_return Outcome::failed;
    if (!is_over) {
      source->state->received_bytes += (**message).payload.size();
      if (take(**std::move(message))) {
        brought_any = true;
        newest_origin_ = source->origin;
      }
      if (stopped_) co_return Outcome::failed;
      if (Clock::now() - silent_since_ > patience())
        co_return judge(*source, {Errc::timed_out, "the origin sent no media in time"}, brought_any);
    }
    if (const auto successor =
            successor_ && successor_->done() ? std::exchange(successor_, nullptr) : nullptr) {
      look_again_at_ = Clock::now() + between_asking_others;
      std::vector<media::Message> first;
      if (auto next = successor->take(first)) {
        source = std::move(next);
        look_again_at_ = {};
        begin_source(*source);
        brought_any = take_first(*source, std::move(first)) || brought_any;
        if (stopped_) co_return Outcome::failed;
        continue;
      }
    }
    if (is_over && !message) co_return judge(*source, message.error(), brought_any);
    if (is_over) {
      // That its publisher is gone for good, only a relay of ours can tell from a publisher that reconnects.
      has_ended_ = !source->connection->via().empty() && !source->connection->asks_to_leave();
      pulls_.log().info_by({"pulls that end", {}, cli::crowd_of_lines}, "{}: ended at origin {}", path(),
                           source->origin->name());
      co_return brought_any ? Outcome::ended : Outcome::missing;
    }
    look_for_successor(*source);
  }
}

// What a successor has brought already. True if there was a new frame.
bool Pull::take_first(PullSource& source, std::vector<media::Message> first) {
  bool brought_any = false;
  for (media::Message& message : first) {
    source.state->received_bytes += message.payload.size();
    brought_any = take(std::move(message)) || brought_any;
    if (stopped_) break;
  }
  newest_origin_ = source.origin;
  return brought_any;
}

// If it asks us to leave.
void Pull::look_for_successor(PullSource& source) {
  if (successor_ || !source.connection->asks_to_leave() || Clock::now() < look_again_at_) return;
  if (look_again_at_ == Clock::time_point()) pulls_.origins().leaves(*source.origin);
  successor_ = std::make_shared<Successor>(pulls_, question(), source.origin);
  net::spawn(pulls_.io().get_executor(), successor_->run(), "pull", pulls_.log());
}

Pull::Outcome Pull::judge(const PullSource& source, const Error& error, bool brought_any) {
  const std::string name = source.origin->name();
  if (std::exchange(is_cut_off_, false)) return brought_any ? Outcome::lost : Outcome::failed;
  if (brought_any) {
    pulls_.log().warning_by({"lost pulls", {}, cli::crowd_of_lines}, "{}: lost at origin {}: {}", path(),
                            name, error.message);
  } else {
    pulls_.log().debug("{}: nothing from origin {}: {}", path(), name, error.message);
  }
  if (error.code == Errc::not_found || error.code == Errc::refused) return Outcome::missing;
  // Silence and nonsense may be those of the stream's publisher.
  if (error.code == Errc::timed_out || error.code == Errc::invalid_data || error.code == Errc::too_large) {
    pulls_.origins().suspect(source.origin);
  } else {
    pulls_.origins().failed(source.origin, error.message);
  }
  return brought_any ? Outcome::lost : Outcome::failed;
}

void Pull::begin_source(const PullSource& source) {
  info_.path = path();
  info_.origin = source.origin->name();
  info_.via = source.connection->via();
  info_.timeline = source.connection->timeline();
  *source.state = {pulls_.next_number(),          path(),       info_.origin,
                   source.origin->spec.is_http(), Clock::now(), 0};
  state_ = source.state;
  if (published_) published_->stream->set_way({info_.via, info_.timeline});
  splice_.begin_source(Clock::now(), info_.timeline);
  silent_since_ = Clock::now();
  stalled_relays_ = 0;
  stall_told_ = false;
  pulls_.log().info_by({"pulls that begin", {}, cli::crowd_of_lines}, "{}: comes from origin {}", path(),
                       source.origin->name());
}

std::chrono::milliseconds Pull::patience() const {
  return pulls_.options().timeout * (1 + stalled_relays_);
}

void Pull::take_stall_note(unsigned relays) {
  const bool is_news = !stall_told_ || stalled_relays_ != std::min(relays, max_stalled_relays);
  stalled_relays_ = std::min(relays, max_stalled_relays);
  if (is_news) tell_stall();
}

// Those who fetch from us have the same patience as we have, and began to count at the same time: without a
// word they would leave at the very moment at which we find another origin.
void Pull::tell_stall() {
  stall_told_ = true;
  if (!published_) return;
  pulls_.hub().append(
      *published_, media::make_message(flv::TagType::script, std::max<std::int64_t>(splice_.newest_ms(), 0),
                                       media::encode_on_stall(stalled_relays_ + 1)));
}

bool Pull::take(media::Message message) {
  const auto now = Clock::now();
  if (const auto relays = message.kind == media::MessageKind::annotation
                              ? media::decode_on_stall(message.payload.bytes())
                              : std::nullopt) {
    take_stall_note(*relays);
    return false;
  }
  if (message.type == flv::TagType::script && !scripts_.take(message.payload.size(), now)) {
    pulls_.log().warning_by({"an origin sends too much metadata", {}},
                            "{}: origin sends more metadata than it may: some of it is left out", path());
    return false;
  }
  // Metadata and notes without any media are silence, too.
  if (message.is_audio() || message.is_video() || message.kind == media::MessageKind::script) {
    silent_since_ = now;
    stalled_relays_ = 0;
    stall_told_ = false;
  }
  if (message.kind == media::MessageKind::annotation && media::decode_on_clock(message.payload.bytes()))
    source_clock_at_ = now;
  spliced_.clear();
  splice_.take(std::move(message), now, spliced_);
  bool is_new = false;
  for (media::Message& spliced : spliced_) {
    const bool is_frame = spliced.is_audio() || spliced.is_video();
    if (!published_ && !begin_stream()) {
      stop();
      return false;
    }
    if (is_frame && !spliced.is_header()) {
      is_new = true;
      has_ended_ = false;
      last_frame_at_ = now;
      add_clock(spliced);
    }
    pulls_.hub().append(*published_, std::move(spliced));
  }
  return is_new;
}

bool Pull::begin_stream() {
  published_ = pulls_.hub().begin_pulled(info_);
  search_.reset();
  last_frame_at_ = last_player_at_ = Clock::now();
  return published_ != nullptr;
}

// A foreign origin tells no time: then we are the first of ours that meets the stream.
void Pull::add_clock(const media::Message& message) {
  if (message.timestamp_ms < next_clock_ms_) return;
  if (source_clock_at_ != Clock::time_point() && Clock::now() - source_clock_at_ < source_clock_holds) return;
  next_clock_ms_ = message.timestamp_ms + clock_interval_ms;
  pulls_.hub().append(*published_,
                      media::make_message(flv::TagType::script, message.timestamp_ms,
                                          media::encode_on_clock(std::chrono::system_clock::now())));
}

void Pull::tend(Clock::time_point now) {
  if (connection_ != nullptr && !stall_told_ && now - silent_since_ > pulls_.options().timeout / 2)
    tell_stall();
  const bool has_next = successor_ && successor_->done() && successor_->found();
  if (has_next && connection_ != nullptr && now - silent_since_ > leaving_silence) connection_->cancel();
  end_if_idle(now);
}

void Pull::end_if_idle(Clock::time_point now) {
  if (!published_ || stopped_) return;
  if (published_->stream->players() > 0) last_player_at_ = now;
  if (now - last_player_at_ < pulls_.options().linger) return;
  pulls_.log().info_by({"pulls that nobody watches", {}, cli::crowd_of_lines},
                       "{}: no players for {}: no longer fetched", path(),
                       cli::format_duration(pulls_.options().linger));
  stop();
}

void Pull::cut_off() {
  if (connection_ == nullptr) return;
  is_cut_off_ = true;
  connection_->cancel();
}

asio::awaitable<void> Pull::sleep(std::chrono::milliseconds time) {
  timer_.expires_after(time);
  asio::error_code cancelled;
  co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

void Pull::stop() {
  if (std::exchange(stopped_, true)) return;
  const auto self = shared_from_this();
  timer_.cancel();
  if (connection_ != nullptr) connection_->cancel();
  if (successor_) successor_->cancel();
  has_ended_ = true;
  finish();
}

// The coroutine may take a little longer to notice.
void Pull::finish() {
  if (const auto published = std::exchange(published_, nullptr))
    pulls_.hub().end(*published, has_ended_ ? media::EndReason::ended : media::EndReason::lost);
  search_.reset();
  if (successor_) successor_->cancel();
  pulls_.forget(*this);
}

}  // namespace srs::relay
