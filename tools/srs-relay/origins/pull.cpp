#include "srs-relay/origins/pull.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>
#include <utility>

#include "cli/quantities.h"
#include "live/backoff.h"
#include "media/annotations.h"
#include "net/spawn.h"
#include "srs-relay/origins/pulls.h"
#include "srs-relay/streams/hub_stream.h"
#include "srs-relay/streams/resume.h"

namespace srs::relay {
namespace {

constexpr std::chrono::milliseconds first_backoff{500};
constexpr std::chrono::milliseconds last_backoff{5'000};
constexpr unsigned max_stalled_relays = 8;
constexpr std::chrono::seconds between_asking_others{1};
// A draining origin that is silent for so long is left at once if there is a successor.
constexpr std::chrono::milliseconds leaving_silence{250};
constexpr std::size_t max_permits = 8;
constexpr unsigned messages_a_turn = 1024;  // more than a normal burst

live::Publication::Options publication_options() {
  live::Publication::Options options;
  options.join = live::Publication::Join::splice;
  return options;
}

}  // namespace

Pull::Pull(Pulls& pulls, const Wanted& wanted, Shares::Share share, Clock::TimePoint not_before)
    : pulls_(pulls),
      wanted_(wanted),
      permits_{wanted.permit},
      search_(std::move(share)),
      not_before_(not_before),
      publication_(*this, {wanted.path, {}, {}, {}}, publication_options(), pulls.clock()),
      timer_(pulls.io(), pulls.clock()),
      last_player_at_(now()) {}

asio::awaitable<void> Pull::run(std::shared_ptr<Pull> pull) {
  co_await pull->run();
}

asio::awaitable<void> Pull::run() {
  live::Backoff backoff(first_backoff, last_backoff);
  if (!stopped_) co_await sleep(std::chrono::duration_cast<std::chrono::milliseconds>(not_before_ - now()));
  while (!stopped_) {
    is_trying_ = true;
    const Round round = co_await ask_all();
    is_trying_ = false;
    if (stopped_) break;
    if (round == Round::played) {
      backoff.reset();
      continue;
    }
    if (!go_on_after(round)) break;
    co_await sleep(backoff.next());
  }
  finish();
}

bool Pull::go_on_after(Round round) {
  if (round == Round::admitted) return false;
  if (round == Round::denied && permits_.size() > 1) {
    permits_.pop_front();
    return may_wait();
  }
  if (round == Round::denied && !stream_) {
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

// Whether to ask again.
bool Pull::may_wait() const {
  const Waiters& waiters = pulls_.hub().waiters();
  if (stream_) return !has_ended_ && now() - last_frame_at_ < pulls_.options().grace;
  return std::any_of(permits_.begin(), permits_.end(),
                     [&](const std::string& permit) { return waiters.any(path(), permit); });
}

// Asks each origin once, the one that was just lost last.
asio::awaitable<Pull::Round> Pull::ask_all() {
  std::vector<OriginPtr> origins = co_await pulls_.origins_of(path());
  if (newest_origin_)
    std::stable_partition(origins.begin(), origins.end(),
                          [&](const OriginPtr& origin) { return origin != newest_origin_; });
  bool is_denied = false;
  for (const OriginPtr& origin : origins) {
    if (stopped_) break;
    // It already said that the stream has ended.
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
    const auto silence = std::chrono::duration_cast<std::chrono::milliseconds>(now() - silent_since_);
    auto message =
        co_await source->connection->read(std::max(patience() - silence, std::chrono::milliseconds(0)));
    connection_ = nullptr;
    if (stopped_) co_return Outcome::failed;
    const bool is_over = !message || !*message;
    // The origin is gone before its successor is there: wait for the search to end.
    if (is_over && successor_) co_await successor_->wait();
    if (stopped_) co_return Outcome::failed;
    if (!is_over) {
      source->state->received_bytes += (**message).payload.size();
      if (push(std::move(**message))) {
        brought_any = true;
        newest_origin_ = source->origin;
      }
      if (stopped_) co_return Outcome::failed;
      if (now() - silent_since_ > patience())
        co_return judge(*source, {Errc::timed_out, "the origin sent no media in time"}, brought_any);
    }
    if (const auto successor =
            successor_ && successor_->done() ? std::exchange(successor_, nullptr) : nullptr) {
      look_again_at_ = now() + between_asking_others;
      std::vector<media::Message> first;
      if (auto next = successor->pop(first)) {
        source = std::move(next);
        look_again_at_ = {};
        begin_source(*source);
        brought_any = push_first(*source, std::move(first)) || brought_any;
        if (stopped_) co_return Outcome::failed;
        continue;
      }
    }
    if (is_over && !message) co_return judge(*source, message.error(), brought_any);
    if (is_over) {
      // Only a relay of ours knows that its publisher is gone for good and will not reconnect.
      has_ended_ = !source->connection->via().empty() && !source->connection->asks_to_leave();
      pulls_.log().info_by({"pulls that end", {}, cli::log_burst}, "{}: ended at origin {}", path(),
                           source->origin->name());
      co_return brought_any ? Outcome::ended : Outcome::missing;
    }
    look_for_successor(*source);
  }
}

// Pushes what a successor has already brought. True if there was a new frame.
bool Pull::push_first(PullSource& source, std::vector<media::Message> first) {
  bool brought_any = false;
  for (media::Message& message : first) {
    source.state->received_bytes += message.payload.size();
    brought_any = push(std::move(message)) || brought_any;
    if (stopped_) break;
  }
  newest_origin_ = source.origin;
  return brought_any;
}

// If it asks us to leave.
void Pull::look_for_successor(PullSource& source) {
  if (successor_ || !source.connection->asks_to_leave() || now() < look_again_at_) return;
  if (look_again_at_ == Clock::TimePoint()) pulls_.origins().draining(*source.origin);
  successor_ = std::make_shared<Successor>(pulls_, question(), source.origin);
  net::spawn(pulls_.io().get_executor(), Successor::run(successor_), "pull", pulls_.log());
}

// A relay that asked us may have had it from elsewhere.
PullQuestion Pull::question() const {
  auto resume = resume_of(wanted_.query);
  if (const auto place = publication_.place()) resume = Resume{place->time_ms, place->timeline};
  return {path(), permit(), wanted_.via, resume ? resume_value(*resume) : ""};
}

Pull::Outcome Pull::judge(const PullSource& source, const Error& error, bool brought_any) {
  const std::string name = source.origin->name();
  if (std::exchange(is_cut_off_, false)) return brought_any ? Outcome::lost : Outcome::failed;
  if (brought_any) {
    pulls_.log().warning_by({"lost pulls", {}, cli::log_burst}, "{}: lost at origin {}: {}", path(), name,
                            error.message);
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
  const media::StreamInfo info{path(), source.origin->name(), source.connection->via(),
                               source.connection->timeline()};
  *source.state = {pulls_.next_number(), path(), info.origin, source.origin->spec.protocol().name, now(), 0};
  state_ = source.state;
  publication_.begin_source(info);
  silent_since_ = now();
  stalled_relays_ = 0;
  reported_stall_ = false;
  pulls_.log().info_by({"pulls that begin", {}, cli::log_burst}, "{}: comes from origin {}", path(),
                       source.origin->name());
}

std::chrono::milliseconds Pull::patience() const {
  return pulls_.options().timeout * (1 + stalled_relays_);
}

void Pull::on_stall_note(unsigned relays) {
  const bool is_news = !reported_stall_ || stalled_relays_ != std::min(relays, max_stalled_relays);
  stalled_relays_ = std::min(relays, max_stalled_relays);
  if (is_news) report_stall();
}

// Relays that pull from us have the same time-out and started it at the same moment: without a note they
// would leave just when we find another origin.
void Pull::report_stall() {
  reported_stall_ = true;
  publication_.annotate(media::encode_on_stall(stalled_relays_ + 1));
}

bool Pull::push(media::Message message) {
  if (const auto relays = message.kind == media::MessageKind::annotation
                              ? media::decode_on_stall(message.payload.bytes())
                              : std::nullopt) {
    on_stall_note(*relays);
    return false;
  }
  // Metadata and notes without any media are silence, too.
  const bool is_sign_of_life =
      message.is_audio() || message.is_video() || message.kind == media::MessageKind::script;
  const auto pushed = publication_.push(std::move(message));
  if (pushed.left_out) {
    pulls_.log().warning_by({"an origin sends too much metadata", {}},
                            "{}: origin sends more metadata than it may: some of it is left out", path());
    return false;
  }
  if (!pushed.accepted) {
    stop();
    return false;
  }
  const auto now = this->now();
  if (is_sign_of_life) {
    silent_since_ = now;
    stalled_relays_ = 0;
    reported_stall_ = false;
  }
  if (pushed.is_frame) {
    has_ended_ = false;
    last_frame_at_ = now;
  }
  return pushed.is_frame;
}

std::unique_ptr<live::OpenStream> Pull::begin(const media::StreamInfo& info) {
  auto published = pulls_.hub().begin_pulled(info);
  search_.reset();
  last_frame_at_ = last_player_at_ = now();
  if (!published) return nullptr;
  stream_ = published->stream;
  return std::make_unique<HubStream>(pulls_.hub(), std::move(published));
}

void Pull::tick(Clock::TimePoint now) {
  if (connection_ != nullptr && !reported_stall_ && now - silent_since_ > pulls_.options().timeout / 2)
    report_stall();
  const bool has_next = successor_ && successor_->done() && successor_->found();
  if (has_next && connection_ != nullptr && now - silent_since_ > leaving_silence) connection_->cancel();
  end_if_idle(now);
}

void Pull::end_if_idle(Clock::TimePoint now) {
  if (!stream_ || stopped_) return;
  if (stream_->players() > 0) last_player_at_ = now;
  if (now - last_player_at_ < pulls_.options().linger) return;
  pulls_.log().info_by({"pulls that nobody watches", {}, cli::log_burst},
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
  stream_.reset();
  publication_.end(has_ended_ ? media::EndReason::ended : media::EndReason::lost);
  search_.reset();
  if (successor_) successor_->cancel();
  pulls_.forget(*this);
}

}  // namespace srs::relay
