#include "hub.h"

#include <fmt/format.h>

#include <algorithm>

#include "worker.h"

namespace srs::relay {
namespace {

// How often it is told that players are too slow.
constexpr std::chrono::seconds report_interval{10};

std::string slow_players(const StreamCounters& counters) {
  const std::uint64_t jumps = counters.jumps;
  const std::uint64_t stalled = counters.stalled;
  if (jumps == 0 && stalled == 0) return "";
  return fmt::format("; slow players skipped {} times, {} stalled ones were closed", jumps, stalled);
}

}  // namespace

Hub::Hub(asio::io_context& io, Stream::Options options, media::PipeWriter* pass,
         std::vector<std::unique_ptr<Worker>>& workers, std::string node, const cli::Log& log)
    : io_(io),
      options_(options),
      pass_(pass),
      workers_(workers),
      node_(std::move(node)),
      log_(log),
      report_timer_(io) {
  watch_slow_players();
}

std::shared_ptr<Hub::Published> Hub::begin(const media::StreamInfo& info, bool is_plain) {
  if (upstream_) upstream_->yield(info.path);
  return add(info, is_plain);
}

std::shared_ptr<Hub::Published> Hub::begin_pulled(const media::StreamInfo& info) {
  const auto published = add(info, false);
  if (published) published->is_pulled = true;
  return published;
}

bool Hub::is_pulled(const std::string& path) const {
  const auto found = streams_.find(path);
  return found != streams_.end() && found->second->is_pulled;
}

std::shared_ptr<Hub::Published> Hub::add(const media::StreamInfo& info, bool is_plain) {
  if (streams_.contains(info.path)) return nullptr;
  auto published = std::make_shared<Published>();
  published->stream = std::make_shared<Stream>(io_, info, options_, workers_);
  published->stream->on_ready = [this, path = info.path] {
    wake(path);
    for (const OnStream& tell : on_playable) tell(streams_.at(path)->stream);
  };
  if (pass_ && is_plain) pass_->use_plain_mode();
  if (pass_) published->pass_channel = pass_->begin(info, media::OnFull::drop_gop);
  streams_.emplace(info.path, published);
  log_.info("{}: begins{}", info.path, info.origin.empty() ? "" : " (" + info.origin + ")");
  return published;
}

void Hub::append(Published& published, media::Message message) {
  if (pass_) pass_->write(published.pass_channel, message);
  published.stream->append(std::move(message));
}

void Hub::end(Published& published, media::EndReason reason) {
  if (pass_ && reason != media::EndReason::cut) pass_->end(published.pass_channel, reason);
  const auto stream = published.stream;
  log_.info("{}: {}, {} players{}", stream->path(), reason == media::EndReason::ended ? "ended" : "lost",
            stream->players(), slow_players(stream->counters()));
  streams_.erase(stream->path());
  stream->end(leaving_ || reason != media::EndReason::ended);
  if (!stream->ready()) return;
  for (const OnStream& tell : on_ended) tell(stream);
}

Stream* Hub::playable(const std::string& path) const {
  const auto found = streams_.find(path);
  return found != streams_.end() && found->second->stream->ready() ? found->second->stream.get() : nullptr;
}

Hub::Found Hub::found(Stream& stream, const media::WireEncoder& encoder) const {
  return {stream.shared_from_this(), stream.wire(encoder), stream.tracks().has_audio(),
          stream.tracks().has_video()};
}

void Hub::find(const Wanted& wanted, const media::WireEncoder& encoder, OnFound done) {
  if (Stream* stream = playable(wanted.path)) return done(found(*stream, encoder));
  if (stopped_) return done({});
  if (upstream_ && upstream_->redirects() && !streams_.contains(wanted.path))
    return upstream_->redirect(wanted, [done = std::move(done)](std::optional<net::Url> elsewhere) {
      Found found;
      found.elsewhere = std::move(elsewhere);
      done(std::move(found));
    });
  auto patience = wanted.patience;
  const bool is_here_soon = streams_.contains(wanted.path);
  if (!is_here_soon && upstream_ && upstream_->want(wanted))
    patience = std::max(patience, upstream_->round_time());
  if (is_here_soon) patience = std::max<std::chrono::milliseconds>(patience, 2 * media::TrackGate::patience);
  if (patience.count() == 0) return done({});
  waiters_.push_back({wanted.path, encoder, std::move(done),
                      std::chrono::steady_clock::now() + wanted.patience, asio::steady_timer(io_, patience)});
  const auto waiter = std::prev(waiters_.end());
  // Called when the time is up, or by wake() and stop().
  waiter->patience.async_wait([this, waiter](const asio::error_code&) {
    const Waiter served = std::move(*waiter);
    waiters_.erase(waiter);
    Stream* stream = playable(served.path);
    served.done(stream == nullptr ? Found{} : found(*stream, served.encoder));
  });
}

void Hub::wake(const std::string& path) {
  for (Waiter& waiter : waiters_)
    if (waiter.path == path) waiter.patience.cancel();
}

void Hub::give_up(const std::string& path) {
  const auto now = std::chrono::steady_clock::now();
  for (Waiter& waiter : waiters_)
    if (waiter.path == path && waiter.patient_until <= now) waiter.patience.cancel();
}

bool Hub::is_awaited(const std::string& path) const {
  return std::any_of(waiters_.begin(), waiters_.end(),
                     [&](const Waiter& waiter) { return waiter.path == path; });
}

std::vector<std::shared_ptr<Stream>> Hub::streams() const {
  std::vector<std::shared_ptr<Stream>> streams;
  for (const auto& [path, published] : streams_) streams.push_back(published->stream);
  return streams;
}

void Hub::end_all() {
  while (!streams_.empty()) end(*streams_.begin()->second, media::EndReason::ended);
}

// One line a stream, however many players are slow.
void Hub::watch_slow_players() {
  report_timer_.expires_after(report_interval);
  report_timer_.async_wait([this](const asio::error_code& error) {
    if (error) return;
    for (const auto& [path, published] : streams_) tell_slow_players(*published);
    watch_slow_players();
  });
}

void Hub::tell_slow_players(Published& published) {
  const std::uint64_t jumps = published.stream->counters().jumps;
  const std::uint64_t fresh = jumps - std::exchange(published.jumps_told, jumps);
  if (fresh == 0) return;
  log_.warning("{}: players that are too slow skipped to a newer key frame {} times in the last {} s",
               published.stream->path(), fresh, report_interval.count());
}

void Hub::stop() {
  stopped_ = true;
  report_timer_.cancel();
  for (Waiter& waiter : waiters_) waiter.patience.cancel();
}

}  // namespace srs::relay
