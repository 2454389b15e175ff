// Hub: the relay's streams by path, and the requests that wait for one.
//
// Stdin, publishers and pulls begin, feed and end streams here, on the input's thread. Sessions on the
// workers' threads look them up with look_up().
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "media/long_gop.h"
#include "media/video_repair.h"
#include "net/timer.h"
#include "pipe/pipe_reader.h"
#include "pipe/pipe_writer.h"
#include "srs-relay/streams/found_stream.h"
#include "srs-relay/streams/stream.h"
#include "srs-relay/streams/waiters.h"
#include "srs-relay/streams/wanted.h"

namespace srs::relay {

class Hub {
 public:
  using Found = FoundStream;
  using OnFound = std::function<void(Found)>;

  // pass: every stream is also written there; may be null. The first stream decides whether that output is
  // plain FLV or has channels. node: our id among relays.
  Hub(asio::io_context& io, const Clock& clock, Stream::Options options, pipe::PipeWriter* pass,
      const Wakers& wakers, std::string node, const cli::Log& log);

  // A stream as its publisher holds it.
  struct Published {
    std::shared_ptr<Stream> stream;
    pipe::ChannelId pass_channel = 0;
    std::uint64_t jumps_logged = 0;
    media::LongGop long_gop;
    bool is_pulled = false;
    media::VideoRepair repair;
  };

  // Where streams that are not here come from. Without it there are no others.
  void set_upstream(Upstream* upstream) { upstream_ = upstream; }

  // Null if the path is taken; a pulled stream gives way. is_plain: it comes from plain FLV and is the only
  // one.
  std::shared_ptr<Published> begin(const media::StreamInfo& info, bool is_plain = false);
  // A stream pulled from an origin; null if the path is taken.
  std::shared_ptr<Published> begin_pulled(const media::StreamInfo& info);
  void append(Published& published, media::Message message);
  // EndReason::cut writes no end to the pipe: the next stage has to see that its input broke off.
  void end(Published& published, media::EndReason reason);
  const std::string& node() const { return node_; }

  // Calls `done` with the stream once it can be played, or with none if it does not come in time or is
  // refused. Streams that are not here are requested from the upstream; pulled streams are given only to
  // those whom the upstream permits.
  void find(Wanted wanted, const log::WireEncoder& encoder, OnFound done);
  // The upstream could not get this stream for this permit: ends the waits whose patience is over.
  void give_up(const std::string& path, const std::string& permit);
  // The upstream permits or refuses it: answers those who wait with this permit.
  void admit(const std::string& path, const std::string& permit);
  void deny(const std::string& path, const std::string& permit);
  // The requests that wait.
  const Waiters& waiters() const { return waiters_; }
  // Whether every player needs find(), because a stream that a worker already serves may not be for
  // everyone.
  bool asks_for_each() const { return upstream_ != nullptr && upstream_->asks_for_each(); }
  asio::io_context& io() { return io_; }
  const Clock& clock() const { return clock_; }

  // Called when a stream becomes playable, and when a playable stream has ended.
  using OnStream = std::function<void(const std::shared_ptr<Stream>&)>;
  std::vector<OnStream> on_playable, on_ended;
  // Whether this stream is here and pulled from an origin.
  bool is_pulled(const std::string& path) const;

  // From now on streams end because the relay leaves: they may continue elsewhere.
  void leave() { leaving_ = true; }
  // Visits every stream, including those that cannot be played yet.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [path, published] : streams_) visit(*published->stream);
  }
  std::vector<std::shared_ptr<Stream>> streams() const;

  // Ends every stream, as at the end of the program.
  void end_all();
  // Answers every waiting request with none, and further ones at once.
  void stop();

 private:
  Stream* playable(const std::string& path) const;
  std::shared_ptr<Published> add(const media::StreamInfo& info, bool is_plain);
  Found found(Stream& stream, const log::WireEncoder& encoder) const;
  bool may_have(const Wanted& wanted) const;
  // What this player can have now; none if it has to wait.
  Found find_now(const Wanted& wanted, const log::WireEncoder& encoder) const;
  void put(Published& published, media::Message message);
  void wake(const std::string& path);
  void log_long_gop(Published& published, const media::Message& message);
  void watch_slow_players();
  void log_slow_players(Published& published);
  void log_tracks(const Stream& stream);

  asio::io_context& io_;
  const Clock& clock_;
  Stream::Options options_;
  pipe::PipeWriter* pass_;
  const Wakers& wakers_;
  const std::string node_;
  const cli::Log& log_;
  std::map<std::string, std::shared_ptr<Published>, std::less<>> streams_;
  Waiters waiters_;
  net::Timer report_timer_;
  Upstream* upstream_ = nullptr;
  bool leaving_ = false;
  bool stopped_ = false;
};

}  // namespace srs::relay
