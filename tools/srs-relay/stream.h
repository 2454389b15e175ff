// Stream: one live stream in the relay: its log, its audiences, and when they are woken.
//
// The input's thread appends and ends it. What one read of the input brought is flushed at once: the
// workers are woken once, and only those that have players of it. Each worker serves its own audience.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <atomic>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "audience.h"
#include "flush_policy.h"
#include "media/stream_log.h"
#include "media/stream_meter.h"

namespace srs::relay {

class Worker;

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  struct Options {
    media::LogLimits limits;
    FlushPolicy flush;
    LagLimit lag_limit;
  };

  // The workers must outlive the stream.
  Stream(asio::io_context& io, media::StreamInfo info, const Options& options,
         std::vector<std::unique_ptr<Worker>>& workers);

  // Any thread.
  const std::string& path() const { return log_.info().path; }
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  // Once it has ended: whether it may go on elsewhere, since its source was lost or the relay is leaving.
  bool cut_short() const { return cut_short_.load(std::memory_order_acquire); }
  std::size_t players() const;
  const StreamCounters& counters() const { return counters_; }
  void count_first_frame(std::chrono::steady_clock::duration wait) { counters_.first_frames.add(wait); }

  // The input's thread.
  const media::StreamMeter& meter() const { return meter_; }
  const media::StreamInfo& info() const { return log_.info(); }
  std::chrono::steady_clock::time_point since() const { return since_; }
  const media::TrackGate& tracks() const { return log_.tracks(); }
  void append(media::Message message);
  // Players get the rest and an end.
  void end(bool cut_short);
  // The way that the stream came, and the name of its timeline (see media::StreamInfo). Of a stream that is
  // fetched they change with its origin. way(): any thread.
  struct Way {
    std::string via, timeline;
  };
  void set_way(Way way);
  Way way() const;
  // Whether players can be served: its tracks are known.
  bool ready() const { return log_.tracks().open(); }
  // Called once, when the stream becomes ready. May be empty.
  std::function<void()> on_ready;
  std::shared_ptr<media::WireLog> wire(const media::WireEncoder& encoder) { return log_.wire(encoder); }

  // The worker's thread.
  Audience& audience(std::size_t worker) { return audiences_[worker]; }

 private:
  void wait_for_tracks();
  void become_ready();
  void flush_after(bool is_video);
  void flush_soon();
  void flush_in(std::chrono::milliseconds time);
  void on_flush_timer();
  void wake_audiences();

  asio::io_context& io_;
  const FlushPolicy flush_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  media::StreamLog log_;
  media::StreamMeter meter_;
  const std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  StreamCounters counters_;
  std::deque<Audience> audiences_;  // one a worker
  asio::steady_timer flush_timer_;
  asio::steady_timer tracks_timer_;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> cut_short_ = false;
  mutable std::mutex way_mutex_;
  Way way_;
  bool started_ = false;
  bool announced_ready_ = false;
  bool flush_posted_ = false;
  bool flush_timed_ = false;
  std::chrono::steady_clock::time_point wires_checked_{};
  unsigned turns_left_ = 0;  // until all players have had what is there now
};

}  // namespace srs::relay
