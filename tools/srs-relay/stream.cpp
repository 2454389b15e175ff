#include "stream.h"

#include <asio/post.hpp>

namespace srs::relay {

Stream::Stream(asio::io_context& io, media::StreamInfo info, media::LogLimits limits)
    : io_(io), log_(std::move(info), limits), flush_timer_(io), tracks_timer_(io) {
  log_.before_evict = [this](media::WireLog& wire, media::WireLog::Offset tail) {
    for (FormatFanout& format : fanouts_)
      if (&format.fanout.wire() == &wire) format.fanout.before_evict(tail);
  };
}

std::size_t Stream::players() const {
  std::size_t count = 0;
  for (const FormatFanout& format : fanouts_) count += format.fanout.size();
  return count;
}

void Stream::append(media::Message message) {
  if (!started_) wait_for_tracks();
  const bool is_video = message.is_video();
  log_.append(std::move(message));
  if (!announced_ready_ && ready()) become_ready();
  if (is_video) {
    flush_soon();
  } else {
    flush_later();
  }
}

// The tracks that the metadata promised may never come: see TrackGate.
void Stream::wait_for_tracks() {
  started_ = true;
  tracks_timer_.expires_after(media::TrackGate::patience);
  tracks_timer_.async_wait([self = weak_from_this()](const asio::error_code& error) {
    const auto stream = self.lock();
    if (error || !stream || stream->ended_ || stream->announced_ready_) return;
    stream->log_.force_tracks();
    stream->become_ready();
  });
}

void Stream::become_ready() {
  announced_ready_ = true;
  tracks_timer_.cancel();
  if (on_ready) on_ready();
}

void Stream::flush_soon() {
  if (flush_posted_) return;
  flush_posted_ = true;
  asio::post(io_, [self = weak_from_this()] {
    if (const auto stream = self.lock()) stream->flush();
  });
}

void Stream::flush_later() {
  if (flush_posted_ || flush_timed_) return;
  flush_timed_ = true;
  flush_timer_.expires_after(flush_interval);
  flush_timer_.async_wait([self = weak_from_this()](const asio::error_code& error) {
    const auto stream = self.lock();
    if (!error && stream && stream->flush_timed_) stream->flush();
  });
}

void Stream::flush() {
  flush_posted_ = false;
  flush_timed_ = false;
  if (ended_) return;
  for (FormatFanout& format : fanouts_) format.fanout.flush();
}

void Stream::end() {
  if (ended_) return;
  ended_ = true;
  flush_timer_.cancel();
  tracks_timer_.cancel();
  for (FormatFanout& format : fanouts_) format.fanout.finish(format.last_bytes);
}

Fanout& Stream::fanout(const media::WireEncoder& encoder, Slice last_bytes) {
  for (FormatFanout& format : fanouts_)
    if (&format.fanout.wire().encoder() == &encoder) return format.fanout;
  fanouts_.push_back({Fanout(log_.wire(encoder)), std::move(last_bytes)});
  return fanouts_.back().fanout;
}

void Stream::drop_players() {
  for (FormatFanout& format : fanouts_) format.fanout.drop_all();
}

void Stream::drop_stalled(Player::Clock::time_point now, std::chrono::milliseconds patience) {
  for (FormatFanout& format : fanouts_) format.fanout.drop_stalled(now, patience);
}

}  // namespace srs::relay
