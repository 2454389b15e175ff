// Stream: one live stream in the relay: its log, its audiences, and when they are woken.
//
// It belongs to the thread that reads its source, its io_context's, which appends and ends it. What one read
// brings is flushed together: each worker that has players of it is woken once and serves its own audience.
#pragma once

#include <asio/io_context.hpp>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "core/clock.h"
#include "log/message_log.h"
#include "media/stream_meter.h"
#include "net/timer.h"
#include "srs-relay/streams/audience.h"
#include "srs-relay/streams/flush_policy.h"
#include "srs-relay/streams/slow_players.h"
#include "srs-relay/streams/waker.h"

namespace srs::relay {

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  struct Options {
    log::LogLimits limits;
    FlushPolicy flush;
    LagLimit lag_limit;
  };

  // The clock and the wakers must outlive the stream.
  Stream(asio::io_context& io, const Clock& clock, media::StreamInfo info, const Options& options,
         const Wakers& wakers);

  // Any thread.
  asio::io_context& io() const { return io_; }
  const std::string& path() const { return log_.info().path; }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  // After its end: whether it may continue elsewhere, because its source was lost or the relay leaves.
  bool cut_short() const { return cut_short_.load(std::memory_order_acquire); }
  std::size_t players() const;
  const StreamCounters& counters() const { return counters_; }
  // Which tracks bring frames; and the wire for who begins now.
  media::TrackSet tracks() const {
    return {has_audio_.load(std::memory_order_relaxed), has_video_.load(std::memory_order_relaxed)};
  }
  const log::WireEncoder& encoder_now(const log::WireEncoder& encoder) const {
    return tracks().audio ? encoder : encoder.bare();
  }
  // Whether players can be served: its tracks are known.
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  SlowPlayers& slow_players() { return slow_players_; }
  void count_first_frame(std::chrono::steady_clock::duration wait) { counters_.first_frames.add(wait); }

  const media::StreamInfo& info() const { return log_.info(); }
  Clock::TimePoint since() const { return since_; }

  // Its own thread.
  const media::StreamMeter& meter() const { return meter_; }
  // Tracks that were announced, or present, and bring no frames.
  media::TrackSet missing() const { return log_.tracks().missing(); }
  // Whether it ever had these.
  media::TrackSet had() const { return {log_.tracks().had_audio(), log_.tracks().had_video()}; }
  // Called when tracks go missing or are back. May be empty.
  std::function<void()> on_tracks;
  void append(media::Message message);
  // Players get the rest and an end.
  void end(bool cut_short);
  // The relays that the stream came through, and the name of its timeline (see media::StreamInfo). They
  // change with the origin of a pulled stream. provenance(): any thread.
  struct Provenance {
    std::string via, timeline;
  };
  void set_provenance(Provenance provenance);
  Provenance provenance() const;
  // Called once, when the stream becomes ready. May be empty.
  std::function<void()> on_ready;
  std::shared_ptr<log::WireLog> wire(const log::WireEncoder& encoder) { return log_.wire(encoder); }
  // append() does it each second; to be called now and then where nothing may be appended for long.
  void drop_unused_wires(std::chrono::steady_clock::time_point now) { log_.drop_unused_wires(now); }

  // The worker's thread.
  Audience& audience(std::size_t worker) { return audiences_[worker]; }

 private:
  void wait_for_tracks();
  void become_ready();
  void follow_tracks();
  void flush_after(bool is_video);
  void flush_soon();
  void flush_in(std::chrono::milliseconds time);
  void on_flush_timer();
  void wake_audiences();

  asio::io_context& io_;
  const Clock& clock_;
  const FlushPolicy flush_;
  const Wakers& wakers_;
  log::MessageLog log_;
  media::StreamMeter meter_;
  const Clock::TimePoint since_;
  StreamCounters counters_;
  SlowPlayers slow_players_;
  std::deque<Audience> audiences_;  // one a worker
  net::Timer flush_timer_;
  net::Timer tracks_timer_;
  std::atomic<bool> ready_ = false;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> cut_short_ = false;
  std::atomic<bool> has_audio_ = false;
  std::atomic<bool> has_video_ = false;
  media::TrackSet reported_missing_;
  mutable std::mutex provenance_mutex_;
  Provenance provenance_;
  bool started_ = false;
  bool flush_posted_ = false;
  bool flush_timed_ = false;
  Clock::TimePoint wires_checked_{};
  unsigned turns_left_ = 0;  // until all players have had what is there now
};

}  // namespace srs::relay
