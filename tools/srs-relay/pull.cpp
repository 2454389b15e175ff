#include "pull.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "cli/command_line.h"
#include "media/annotations.h"
#include "media/via.h"
#include "pull_query.h"
#include "pulls.h"

namespace srs::relay {
namespace {

constexpr std::chrono::milliseconds first_backoff{500};
constexpr std::chrono::milliseconds last_backoff{5'000};
constexpr std::chrono::seconds source_clock_holds{3};
constexpr std::int64_t clock_interval_ms = 1000;
constexpr unsigned max_stalled_relays = 8;
constexpr std::chrono::seconds between_asking_others{1};

}  // namespace

Pull::Playing::Playing(OriginPtr played, std::unique_ptr<PullConnection> made)
    : origin(std::move(played)), connection(std::move(made)) {
  ++origin->pulls;
}

Pull::Playing::~Playing() {
  --origin->pulls;
}

Pull::Pull(Pulls& pulls, const Wanted& wanted)
    : pulls_(pulls), wanted_(wanted), timer_(pulls.io()), last_player_at_(Clock::now()) {}

asio::awaitable<void> Pull::run() {
  const auto self = shared_from_this();
  auto backoff = first_backoff;
  while (!stopped_) {
    is_trying_ = true;
    const Round round = co_await ask_all();
    is_trying_ = false;
    if (stopped_) break;
    if (round == Round::played) {
      backoff = first_backoff;
      continue;
    }
    pulls_.hub().give_up(path());
    if (!may_wait()) break;
    co_await sleep(backoff);
    backoff = std::min(2 * backoff, last_backoff);
  }
  finish();
}

// Whether it is worth asking once more.
bool Pull::may_wait() const {
  if (!published_) return pulls_.hub().is_awaited(path());
  return !has_ended_ && Clock::now() - last_frame_at_ < pulls_.options().grace;
}

// Each origin once, the one that was lost last.
asio::awaitable<Pull::Round> Pull::ask_all() {
  std::vector<OriginPtr> origins = co_await pulls_.origins_of(path());
  if (newest_origin_)
    std::stable_partition(origins.begin(), origins.end(),
                          [&](const OriginPtr& origin) { return origin != newest_origin_; });
  for (const OriginPtr& origin : origins) {
    if (stopped_) break;
    // What it said of the stream's end holds.
    if (has_ended_ && origin == newest_origin_) continue;
    auto playing = co_await open(origin);
    if (!playing) continue;
    const Outcome outcome = co_await play(*std::move(playing));
    if (outcome == Outcome::lost || outcome == Outcome::ended) co_return Round::played;
  }
  co_return Round::nothing;
}

PullTarget Pull::target(const Origin& origin) const {
  PullTarget target;
  target.url = origin.spec.url_of(path());
  const std::string forwarded = pulls_.options().forward_query ? wanted_.query : std::string();
  target.url.query = pull_query(target.url.query, forwarded);
  target.connect_to = origin.connect_to;
  target.via = media::via_with(wanted_.via, pulls_.options().node);
  return target;
}

asio::awaitable<Result<std::unique_ptr<Pull::Playing>>> Pull::open(OriginPtr origin) {
  auto playing = std::make_unique<Playing>(
      origin, origin->spec.is_http() ? make_http_pull(pulls_.io(), pulls_.http(), target(*origin))
                                     : make_rtmp_pull(target(*origin)));
  PullConnection* const before = std::exchange(connection_, playing->connection.get());
  auto opened = co_await playing->connection->open(pulls_.options().timeout);
  connection_ = before;
  if (stopped_) co_return Error{Errc::closed, "stopped"};
  if (opened && media::came_through(playing->connection->via(), pulls_.options().node)) {
    pulls_.log().warning("{}: origin {} has it from us: not taken from there", path(), origin->name());
    co_return Error{Errc::not_found, "loop"};
  }
  if (opened) {
    pulls_.origins().succeeded(*origin);
    co_return std::move(playing);
  }
  const Error& error = opened.error();
  pulls_.log().debug("{}: origin {}: {}", path(), origin->name(), error.message);
  // An answer is a sign of health, also if it is no.
  if (error.code != Errc::not_found && error.code != Errc::refused)
    pulls_.origins().failed(origin, error.message);
  co_return std::move(opened).error();
}

asio::awaitable<Pull::Outcome> Pull::play(std::unique_ptr<Playing> playing) {
  bool brought_any = false;
  Clock::time_point ask_others_at{};  // if this one asks us to leave
  begin_source(*playing);
  for (;;) {
    connection_ = playing->connection.get();
    const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - silent_since_);
    auto message =
        co_await playing->connection->read(std::max(patience() - silence, std::chrono::milliseconds(0)));
    connection_ = nullptr;
    if (stopped_) co_return Outcome::failed;
    if (!message) co_return judge(*playing, message.error(), brought_any);
    if (!*message) {
      // That its publisher is gone for good, only a relay of ours can tell from a publisher that reconnects.
      has_ended_ = !playing->connection->via().empty() && !playing->connection->asks_to_leave();
      pulls_.log().info("{}: ended at origin {}", path(), playing->origin->name());
      co_return brought_any ? Outcome::ended : Outcome::missing;
    }
    playing->state->received_bytes += (**message).payload.size();
    if (take(**std::move(message))) {
      brought_any = true;
      newest_origin_ = playing->origin;
    }
    if (stopped_) co_return Outcome::failed;
    if (!playing->connection->asks_to_leave() || Clock::now() < ask_others_at) continue;
    if (ask_others_at == Clock::time_point()) pulls_.origins().leaves(*playing->origin);
    auto another = co_await open_another(playing->origin);
    if (stopped_) co_return Outcome::failed;
    ask_others_at = Clock::now() + between_asking_others;
    if (!another) continue;
    playing = std::move(another);
    ask_others_at = {};
    begin_source(*playing);
  }
}

asio::awaitable<std::unique_ptr<Pull::Playing>> Pull::open_another(OriginPtr than) {
  std::vector<OriginPtr> origins = co_await pulls_.origins_of(path());
  // Last the same address: a new process may have taken it over.
  std::erase(origins, than);
  origins.push_back(than);
  for (const OriginPtr& origin : origins) {
    if (!origin->healthy() || stopped_) continue;
    auto playing = co_await open(origin);
    if (playing) co_return *std::move(playing);
  }
  co_return std::unique_ptr<Playing>();
}

Pull::Outcome Pull::judge(const Playing& playing, const Error& error, bool brought_any) {
  const std::string name = playing.origin->name();
  if (std::exchange(is_cut_off_, false)) return brought_any ? Outcome::lost : Outcome::failed;
  if (brought_any) {
    pulls_.log().warning("{}: lost at origin {}: {}", path(), name, error.message);
  } else {
    pulls_.log().debug("{}: nothing from origin {}: {}", path(), name, error.message);
  }
  if (error.code == Errc::not_found || error.code == Errc::refused) return Outcome::missing;
  // Silence may be that of the stream's publisher.
  if (error.code == Errc::timed_out) {
    pulls_.origins().suspect(playing.origin);
  } else {
    pulls_.origins().failed(playing.origin, error.message);
  }
  return brought_any ? Outcome::lost : Outcome::failed;
}

void Pull::begin_source(const Playing& playing) {
  info_.path = path();
  info_.origin = playing.origin->name();
  info_.via = playing.connection->via();
  info_.timeline = playing.connection->timeline();
  *playing.state = {pulls_.next_number(),           path(),       info_.origin,
                    playing.origin->spec.is_http(), Clock::now(), 0};
  state_ = playing.state;
  if (published_) published_->stream->set_way({info_.via, info_.timeline});
  splice_.begin_source(Clock::now(), info_.timeline);
  silent_since_ = Clock::now();
  stalled_relays_ = 0;
  stall_told_ = false;
  pulls_.log().info("{}: comes from origin {}", path(), playing.origin->name());
}

std::chrono::milliseconds Pull::patience() const {
  return pulls_.options().timeout * (1 + stalled_relays_);
}

void Pull::take_stall_note(unsigned relays) {
  stalled_relays_ = std::min(relays, max_stalled_relays);
  tell_stall();
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
  silent_since_ = now;
  stalled_relays_ = 0;
  stall_told_ = false;
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
  end_if_idle(now);
}

void Pull::end_if_idle(Clock::time_point now) {
  if (!published_ || stopped_) return;
  if (published_->stream->players() > 0) last_player_at_ = now;
  if (now - last_player_at_ < pulls_.options().linger) return;
  pulls_.log().info("{}: no players for {}: no longer fetched", path(),
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
  has_ended_ = true;
  finish();
}

// The coroutine may take a little longer to notice.
void Pull::finish() {
  if (const auto published = std::exchange(published_, nullptr))
    pulls_.hub().end(*published, has_ended_ ? media::EndReason::ended : media::EndReason::lost);
  pulls_.forget(*this);
}

}  // namespace srs::relay
