// Hub: the relay's streams by path, and the requests that wait for one.
//
// A directory: each stream belongs to the thread that reads its source. Those of stdin and pulls are the
// hub's own thread's; those of publishers are their workers', which tell the hub when they begin, can be
// played and end. Sessions on the workers' threads look them up with look_up().
#pragma once

#include <asio/io_context.hpp>
#include <atomic>
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
  // Called on the thread of the hub or of the stream.
  using OnFound = std::function<void(Found)>;

  // pass: every stream is also written there; may be null. The first stream decides whether that output is
  // plain FLV or has channels. node: our id among relays.
  Hub(asio::io_context& io, const Clock& clock, Stream::Options options, pipe::PipeWriter* pass,
      const Wakers& wakers, std::string node, const cli::Log& log);

  // A stream as its source holds it, on the stream's thread.
  struct Published {
    std::shared_ptr<Stream> stream;
    pipe::ChannelId pass_channel = 0;
    media::LongGop long_gop;
    media::VideoRepair repair;
    // Any thread: another input has its path, nobody gets this one.
    std::atomic<bool> refused = false;
    // The hub's thread.
    std::uint64_t jumps_logged = 0;
    bool is_pulled = false;
  };
  using PublishedPtr = std::shared_ptr<Published>;

  // Where streams that are not here come from. Without it there are no others.
  void set_upstream(Upstream* upstream) { upstream_ = upstream; }

  // A stream of the hub's thread. Null if the path is taken; a pulled stream gives way. is_plain: it comes
  // from plain FLV and is the only one.
  PublishedPtr begin(const media::StreamInfo& info, bool is_plain = false);
  // A stream pulled from an origin; null if the path is taken.
  PublishedPtr begin_pulled(const media::StreamInfo& info);
  // Whether a publisher may begin this stream: no input of the hub's thread has it for good. The hub's
  // thread.
  bool has_room_for(const std::string& path) const;
  // A stream of the thread of `io`, which calls this; a pulled one gives way. It is refused later if the path
  // is taken after all.
  PublishedPtr begin_on(asio::io_context& io, const media::StreamInfo& info);
  // The stream's thread.
  void append(Published& published, media::Message message);
  // EndReason::cut writes no end to the pipe: the next stage has to see that its input broke off.
  void end(const PublishedPtr& published, media::EndReason reason);
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

  // Called when a stream becomes playable, and when a playable stream has ended. The hub's thread.
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

  // Ends every stream of its own thread, as at the end of the program.
  void end_all();
  // Answers every waiting request with none, and further ones at once.
  void stop();

 private:
  std::shared_ptr<Stream> playable(const std::string& path) const;
  PublishedPtr add(const media::StreamInfo& info, bool is_plain);
  PublishedPtr make(asio::io_context& io, const media::StreamInfo& info);
  void enter(const PublishedPtr& published);
  void announce(const PublishedPtr& published);
  void forget(const PublishedPtr& published, media::EndReason reason);
  // Runs it on the hub's thread: at once, if that is the thread of the stream, which calls.
  void tell(const Stream& stream, std::function<void()> work);
  bool holds(const PublishedPtr& published) const;
  bool may_have(const Wanted& wanted) const;
  // What this player can have now; null if it has to wait.
  std::shared_ptr<Stream> find_now(const Wanted& wanted) const;
  // Answers with the stream and its wire, which its own thread makes.
  void give(const std::shared_ptr<Stream>& stream, const log::WireEncoder& encoder, OnFound done) const;
  void put(Published& published, media::Message message);
  void wake(const std::string& path);
  void log_long_gop(Published& published, const media::Message& message) const;
  void watch_slow_players();
  void log_slow_players(Published& published);
  void log_tracks(const Stream& stream) const;

  asio::io_context& io_;
  const Clock& clock_;
  Stream::Options options_;
  pipe::PipeWriter* pass_;
  const Wakers& wakers_;
  const std::string node_;
  const cli::Log& log_;
  std::map<std::string, PublishedPtr, std::less<>> streams_;
  Waiters waiters_;
  net::Timer report_timer_;
  Upstream* upstream_ = nullptr;
  std::atomic<bool> leaving_ = false;
  bool stopped_ = false;
};

}  // namespace srs::relay
