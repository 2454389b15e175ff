#include "srs-relay/streams/stream.h"

#include <asio/post.hpp>
#include <utility>

namespace srs::relay {

Stream::Stream(asio::io_context& io, const Clock& clock, media::StreamInfo info, const Options& options,
               const Wakers& wakers)
    : io_(io),
      clock_(clock),
      flush_(options.flush),
      wakers_(wakers),
      log_(info, options.limits),
      since_(clock.steady()),
      flush_timer_(io, clock),
      tracks_timer_(io, clock),
      provenance_{info.via, info.timeline} {
  for (std::size_t i = 0; i < wakers.size(); ++i)
    audiences_.emplace_back(options.flush, options.lag_limit, counters_);
}

std::size_t Stream::players() const {
  std::size_t count = 0;
  for (const Audience& audience : audiences_) count += audience.players();
  return count;
}

void Stream::append(media::Message message) {
  if (!started_) wait_for_tracks();
  const bool is_video = message.is_video();
  const auto now = clock_.steady();
  meter_.add(message, now);
  log_.append(std::move(message));
  if (now - wires_checked_ >= std::chrono::seconds(1)) {
    wires_checked_ = now;
    log_.drop_unused_wires(now);
  }
  follow_tracks();
  if (!ready() && log_.tracks().open()) become_ready();
  flush_after(is_video);
}

// The tracks that the metadata promised may never come: see TrackGate.
void Stream::wait_for_tracks() {
  started_ = true;
  tracks_timer_.expires_after(media::TrackGate::patience);
  tracks_timer_.async_wait([self = weak_from_this()](const asio::error_code& error) {
    const auto stream = self.lock();
    if (error || !stream || stream->ended() || stream->ready()) return;
    stream->log_.force_tracks();
    stream->follow_tracks();
    stream->become_ready();
  });
}

void Stream::follow_tracks() {
  has_audio_.store(log_.tracks().has_audio(), std::memory_order_relaxed);
  has_video_.store(log_.tracks().has_video(), std::memory_order_relaxed);
  const media::TrackSet before = std::exchange(reported_missing_, missing());
  if (before == reported_missing_) return;
  if (on_tracks) on_tracks();
}

void Stream::become_ready() {
  ready_.store(true, std::memory_order_release);
  tracks_timer_.cancel();
  if (on_ready) on_ready();
}

void Stream::flush_after(bool is_video) {
  switch (flush_.kind) {
    case FlushPolicy::Kind::at_once:
      return flush_soon();
    case FlushPolicy::Kind::automatic:
      return is_video ? flush_soon() : flush_in(flush_.interval);
    case FlushPolicy::Kind::interval:
      turns_left_ = FlushPolicy::turns;
      return flush_in(flush_.interval / FlushPolicy::turns);
  }
}

void Stream::flush_soon() {
  if (flush_posted_) return;
  flush_posted_ = true;
  asio::post(io_, [self = weak_from_this()] {
    if (const auto stream = self.lock()) stream->wake_audiences();
  });
}

void Stream::flush_in(std::chrono::milliseconds time) {
  if (flush_posted_ || flush_timed_) return;
  flush_timed_ = true;
  flush_timer_.expires_after(time);
  flush_timer_.async_wait([self = weak_from_this()](const asio::error_code& error) {
    const auto stream = self.lock();
    if (!error && stream && stream->flush_timed_) stream->on_flush_timer();
  });
}

void Stream::on_flush_timer() {
  wake_audiences();
  if (flush_.kind == FlushPolicy::Kind::interval && --turns_left_ > 0)
    flush_in(flush_.interval / FlushPolicy::turns);
}

void Stream::wake_audiences() {
  flush_posted_ = false;
  flush_timed_ = false;
  if (ended()) return;
  for (std::size_t i = 0; i < audiences_.size(); ++i)
    if (!audiences_[i].empty()) wakers_[i]->wake(shared_from_this(), audiences_[i]);
}

void Stream::set_provenance(Provenance provenance) {
  const std::lock_guard lock(provenance_mutex_);
  provenance_ = std::move(provenance);
}

Stream::Provenance Stream::provenance() const {
  const std::lock_guard lock(provenance_mutex_);
  return provenance_;
}

void Stream::end(bool cut_short) {
  cut_short_.store(cut_short, std::memory_order_release);
  if (ended_.exchange(true)) return;
  flush_timer_.cancel();
  tracks_timer_.cancel();
  for (std::size_t i = 0; i < audiences_.size(); ++i) wakers_[i]->wake(shared_from_this(), audiences_[i]);
}

}  // namespace srs::relay
