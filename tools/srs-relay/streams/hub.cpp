#include "srs-relay/streams/hub.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>

namespace srs::relay {
namespace {

// How often slow players are logged.
constexpr std::chrono::seconds report_interval{10};

std::string slow_players(const StreamCounters& counters) {
  const std::uint64_t jumps = counters.jumps;
  const std::uint64_t stalled = counters.stalled;
  if (jumps == 0 && stalled == 0) return "";
  return fmt::format("; slow players skipped {} times, {} stalled ones were closed", jumps, stalled);
}

}  // namespace

Hub::Hub(asio::io_context& io, const Clock& clock, Stream::Options options, pipe::PipeWriter* pass,
         const Wakers& wakers, std::string node, const cli::Log& log)
    : io_(io),
      clock_(clock),
      options_(options),
      pass_(pass),
      wakers_(wakers),
      node_(std::move(node)),
      log_(log),
      waiters_(io, clock),
      report_timer_(io, clock) {
  watch_slow_players();
}

Hub::PublishedPtr Hub::begin(const media::StreamInfo& info, bool is_plain) {
  if (upstream_) upstream_->yield(info.path);
  return add(info, is_plain);
}

Hub::PublishedPtr Hub::begin_pulled(const media::StreamInfo& info) {
  const auto published = add(info, false);
  if (published) published->is_pulled = true;
  return published;
}

bool Hub::is_pulled(const std::string& path) const {
  const auto found = streams_.find(path);
  return found != streams_.end() && found->second->is_pulled;
}

Hub::PublishedPtr Hub::add(const media::StreamInfo& info, bool is_plain) {
  if (streams_.contains(info.path)) return nullptr;
  if (pass_ && is_plain) pass_->use_plain_mode();
  auto published = make(io_, info);
  enter(published);
  return published;
}

// A publisher whose stream is here already is a matter of who publishes it; a pulled stream gives way once
// somebody may publish.
bool Hub::has_room_for(const std::string& path) const {
  const auto found = streams_.find(path);
  return found == streams_.end() || found->second->is_pulled || &found->second->stream->io() != &io_;
}

Hub::PublishedPtr Hub::begin_on(asio::io_context& io, const media::StreamInfo& info) {
  auto published = make(io, info);
  tell(*published->stream, [this, published] {
    const std::string& path = published->stream->path();
    if (upstream_) upstream_->yield(path);
    published->refused = streams_.contains(path);
    if (!published->refused) enter(published);
  });
  return published;
}

// The thread of io.
Hub::PublishedPtr Hub::make(asio::io_context& io, const media::StreamInfo& info) {
  auto published = std::make_shared<Published>();
  published->stream = std::make_shared<Stream>(io, clock_, info, options_, wakers_);
  Stream* const stream = published->stream.get();
  stream->on_ready = [this, stream, weak = std::weak_ptr(published)] {
    if (auto ready = weak.lock()) tell(*stream, [this, ready = std::move(ready)] { announce(ready); });
  };
  stream->on_tracks = [this, stream] { log_tracks(*stream); };
  if (pass_) published->pass_channel = pass_->begin(info, pipe::OnFull::drop_gop);
  return published;
}

void Hub::enter(const PublishedPtr& published) {
  const media::StreamInfo& info = published->stream->info();
  streams_.emplace(info.path, published);
  log_.info_by({"streams that begin", {}, cli::log_burst}, "{}: begins{}", info.path,
               info.origin.empty() ? "" : " (" + info.origin + ")");
}

bool Hub::holds(const PublishedPtr& published) const {
  const auto found = streams_.find(published->stream->path());
  return found != streams_.end() && found->second == published;
}

void Hub::tell(const Stream& stream, std::function<void()> work) {
  if (&stream.io() == &io_) return work();
  asio::post(io_, std::move(work));
}

void Hub::announce(const PublishedPtr& published) {
  if (!holds(published)) return;
  wake(published->stream->path());
  for (const OnStream& notify : on_playable) notify(published->stream);
}

void Hub::append(Published& published, media::Message message) {
  published.repair.pass(std::move(message), published.stream->path(), &log_,
                        [&](media::Message each) { put(published, std::move(each)); });
}

void Hub::put(Published& published, media::Message message) {
  if (pass_) pass_->write(published.pass_channel, message);
  log_long_gop(published, message);
  published.stream->append(std::move(message));
}

void Hub::end(const PublishedPtr& published, media::EndReason reason) {
  if (pass_ && reason != media::EndReason::cut) pass_->end(published->pass_channel, reason);
  published->stream->end(leaving_ || reason != media::EndReason::ended);
  tell(*published->stream, [this, published, reason] { forget(published, reason); });
}

void Hub::forget(const PublishedPtr& published, media::EndReason reason) {
  if (!holds(published)) return;
  const auto stream = published->stream;
  log_.info_by({"streams that end", {}, cli::log_burst}, "{}: {}, {} players{}", stream->path(),
               reason == media::EndReason::ended ? "ended" : "lost", stream->players(),
               slow_players(stream->counters()));
  streams_.erase(stream->path());
  if (!stream->ready()) return;
  for (const OnStream& notify : on_ended) notify(stream);
}

std::shared_ptr<Stream> Hub::playable(const std::string& path) const {
  const auto found = streams_.find(path);
  if (found == streams_.end()) return nullptr;
  const auto& stream = found->second->stream;
  return stream->ready() && !stream->ended() ? stream : nullptr;
}

// The thread of a stream that is not ours may have ended: then nobody is answered any more.
void Hub::give(const std::shared_ptr<Stream>& stream, const log::WireEncoder& encoder, OnFound done) const {
  const auto answer = [stream, &encoder, done = std::move(done)] {
    done({stream, stream->wire(stream->encoder_now(encoder)), stream->tracks()});
  };
  if (&stream->io() == &io_) return answer();
  asio::post(stream->io(), answer);
}

// Published streams are for everyone; pulled ones for those whom the origin permits.
bool Hub::may_have(const Wanted& wanted) const {
  return !asks_for_each() || !is_pulled(wanted.path) || upstream_->permits(wanted);
}

std::shared_ptr<Stream> Hub::find_now(const Wanted& wanted) const {
  auto stream = playable(wanted.path);
  return stream && may_have(wanted) ? stream : nullptr;
}

void Hub::find(Wanted wanted, const log::WireEncoder& encoder, OnFound done) {
  if (upstream_) wanted.permit = upstream_->permit(wanted.query);
  if (const auto now = find_now(wanted)) return give(now, encoder, std::move(done));
  if (stopped_) return done({});
  const bool is_here = streams_.contains(wanted.path);
  if (upstream_ && upstream_->redirects() && !is_here)
    return upstream_->redirect(wanted, [done = std::move(done)](std::optional<net::Url> elsewhere) {
      Found found;
      found.elsewhere = std::move(elsewhere);
      done(std::move(found));
    });
  auto patience = wanted.patience;
  if (upstream_ && (!is_here || !may_have(wanted))) {
    const Wish wish = upstream_->want(wanted);
    if (wish == Wish::refused) return done({});
    if (wish == Wish::fetching) patience = std::max(patience, upstream_->round_time());
  }
  if (is_here) patience = std::max<std::chrono::milliseconds>(patience, 2 * media::TrackGate::patience);
  if (patience.count() == 0) return done({});
  const auto shared = std::make_shared<OnFound>(std::move(done));
  const bool waits = waiters_.add(wanted, patience, [this, wanted, &encoder, shared] {
    const auto now = find_now(wanted);
    now ? give(now, encoder, std::move(*shared)) : (*shared)({});
  });
  if (!waits) (*shared)({});
}

void Hub::wake(const std::string& path) {
  waiters_.wake(path, [this](const Wanted& wanted, bool) { return may_have(wanted); });
}

void Hub::give_up(const std::string& path, const std::string& permit) {
  waiters_.wake(
      path, [&](const Wanted& wanted, bool is_patient) { return !is_patient && wanted.permit == permit; });
}

void Hub::admit(const std::string& path, const std::string& permit) {
  if (!playable(path)) return;
  waiters_.wake(path, [&](const Wanted& wanted, bool) { return wanted.permit == permit; });
}

void Hub::deny(const std::string& path, const std::string& permit) {
  waiters_.wake(path, [&](const Wanted& wanted, bool) { return wanted.permit == permit; });
}

std::vector<std::shared_ptr<Stream>> Hub::streams() const {
  std::vector<std::shared_ptr<Stream>> streams;
  for (const auto& [path, published] : streams_) streams.push_back(published->stream);
  return streams;
}

void Hub::end_all() {
  const auto streams = streams_;
  for (const auto& [path, published] : streams)
    if (&published->stream->io() == &io_) end(published, media::EndReason::ended);
}

void Hub::log_long_gop(Published& published, const media::Message& message) const {
  const auto distance = published.long_gop.add(message);
  if (!distance) return;
  log_.warning_by(
      {"long GOPs", {}, cli::log_burst},
      "{}: key frames are {:.1f} s apart: players begin at one, so they are up to that far behind; set "
      "the encoder's key frame interval to 2 s",
      published.stream->path(), static_cast<double>(distance->count()) / 1000);
}

// One line per stream, however many players are slow.
void Hub::watch_slow_players() {
  report_timer_.expires_after(report_interval);
  report_timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    for (const auto& [path, published] : streams_) {
      log_slow_players(*published);
      asio::post(published->stream->io(), [stream = published->stream] {
        stream->drop_unused_wires(std::chrono::steady_clock::now());
      });
    }
    watch_slow_players();
  });
}

// The stream's thread. Merged if there are many: a track may come and go.
void Hub::log_tracks(const Stream& stream) const {
  const media::TrackSet out = stream.missing();
  const cli::Cause cause{"tracks that bring nothing", {}, cli::log_burst};
  if (out == media::TrackSet())
    return log_.info_by(cause, "{}: sound and picture are all there", stream.path());
  const bool had = out.audio ? stream.had().audio : stream.had().video;
  log_.warning_by(cause, "{}: it brings no {}: {}. Players that come get the {} alone until it is there",
                  stream.path(), out.audio ? "sound" : "picture",
                  had ? "none for 2 s" : "it was announced and never came", out.audio ? "picture" : "sound");
}

void Hub::log_slow_players(Published& published) {
  const std::uint64_t jumps = published.stream->counters().jumps;
  const std::uint64_t fresh = jumps - std::exchange(published.jumps_logged, jumps);
  if (fresh == 0) return;
  const std::string who = published.stream->slow_players().consume();
  log_.warning_by({"slow players", {}, cli::log_burst},
                  "{}: players that are too slow skipped to a newer key frame {} times in the last {} s{}{}",
                  published.stream->path(), fresh, report_interval.count(), who.empty() ? "" : ": ", who);
}

void Hub::stop() {
  stopped_ = true;
  report_timer_.cancel();
  waiters_.wake_all();
}

}  // namespace srs::relay
