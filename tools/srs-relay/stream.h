// Stream: one live stream in the relay: its log, the fan-outs of its players, and when they flush.
//
// A send costs about the same whatever it carries, so bytes go out with the next video message, or
// once the oldest has waited for 40 ms: audio rides with video. What one read of the input brought is
// flushed in one pass. One thread.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>

#include "fanout.h"
#include "media/stream_log.h"

namespace srs::relay {

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  static constexpr std::chrono::milliseconds flush_interval{40};

  Stream(asio::io_context& io, media::StreamInfo info, media::LogLimits limits);

  const std::string& path() const { return log_.info().path; }
  const media::TrackGate& tracks() const { return log_.tracks(); }
  std::size_t players() const;

  void append(media::Message message);
  // Players get the rest and a proper end; none can be added afterwards.
  void end();
  bool ended() const { return ended_; }

  // Whether players can be served: its tracks are known.
  bool ready() const { return log_.tracks().open(); }
  // Called once, when the stream becomes ready. May be empty.
  std::function<void()> on_ready;

  // The players of a format. last_bytes: what they are sent when the stream ends.
  Fanout& fanout(const media::WireEncoder& encoder, Slice last_bytes);

  void drop_players();
  void drop_stalled(Player::Clock::time_point now, std::chrono::milliseconds patience);

 private:
  struct FormatFanout {
    Fanout fanout;
    Slice last_bytes;
  };

  void wait_for_tracks();
  void become_ready();
  void flush_soon();
  void flush_later();
  void flush();

  asio::io_context& io_;
  media::StreamLog log_;
  std::list<FormatFanout> fanouts_;
  asio::steady_timer flush_timer_;
  asio::steady_timer tracks_timer_;
  bool started_ = false;
  bool announced_ready_ = false;
  bool flush_posted_ = false;
  bool flush_timed_ = false;
  bool ended_ = false;
};

}  // namespace srs::relay
