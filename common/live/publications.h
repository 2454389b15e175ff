// Publications: the registry of streams and their publishers, who may leave and come back.
//
// A stream stays open for the grace time after its publisher has left. If a publisher returns under the same
// path in time, the stream goes on: its timeline continues and an onDiscontinuity marks the seam. Otherwise
// the stream ends.
//
// A publisher that is a node of ours (it sends a `via`) is on an absolute timeline already, with onClock and
// onDiscontinuity. When it is lost and comes back, its stream is spliced: what it repeats is dropped and its
// timestamps continue unchanged.
//
// A second publisher of a stream whose first is alive is refused, or replaces the first, depending on
// Takeover. One that has been silent for 5 s is always replaced: a half-open connection must not lock an
// encoder out.
//
// Publishers' cost is limited: streams in all and per address (StreamQuota), metadata per stream, log lines.
// A stream that never had media ends with its publisher.
//
// One instance serves all protocols. One thread; a process has one for each thread that reads publishers, and
// each path belongs to one of them. It must outlive its Feeds.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "core/result.h"
#include "live/publisher.h"
#include "live/publisher_rate.h"
#include "live/stream_quota.h"
#include "live/stream_sink.h"
#include "media/message.h"
#include "net/timer.h"

namespace srs::live {

class Publications {
 public:
  enum class Takeover { reject, kick };
  struct Options {
    std::chrono::milliseconds grace{15'000};
    Takeover takeover = Takeover::reject;
    std::string only_path;  // if set, other streams are refused
    std::string node;       // our id among relays: a stream that has passed through this node is refused
    StreamQuota::Limits limits;
    PublisherRate::Limits rate;          // of each publisher
    std::shared_ptr<StreamQuota> quota;  // shared with others; null: one of its own, with these limits
  };
  // A publisher that has sent nothing for this long may be replaced.
  static constexpr std::chrono::seconds silence_limit{5};
  // The same if a relay with the same timeline replaces it: a relay uses one connection at a time.
  static constexpr std::chrono::seconds relay_silence_limit{1};
  // A stream younger than this is brief: only few per address may wait for their publisher.
  static constexpr std::chrono::seconds brief_time{10};

  // All must outlive it.
  Publications(asio::io_context& io, StreamSink& sink, Options options, const cli::Log& log,
               const Clock& clock = system_clock());

  // A publisher's access to its stream, from enter() to leave() or destruction.
  class Feed;

  // Begins a stream for this publisher, or continues the one that waits for it. Errors are worded for the
  // publisher.
  Result<std::unique_ptr<Feed>> enter(const PublishRequest& request,
                                      const std::shared_ptr<Publisher>& publisher);

  // Returns once the sink has room, or after stop(). Await it whenever full().
  bool full() const { return sink_.full() && !stopping_; }
  asio::awaitable<void> wait_for_room();

  const PublisherRate::Limits& rate_limits() const { return options_.rate; }

  // Asks all publishers to reconnect elsewhere; from now on a stream ends with its publisher.
  void drain();
  bool draining() const { return draining_; }
  // Ends all streams, at shutdown. enter() fails from then on.
  void stop();

  // A connected publisher, for operators. number: unique within the process.
  struct Client {
    std::uint64_t number = 0;
    std::string protocol, path, address, software;
    Clock::TimePoint since{};
    std::uint64_t received_bytes = 0;  // of media
  };
  std::vector<Client> clients() const;
  // Disconnects a publisher: its stream waits for it, as after any loss. False if there is none.
  bool cut_off(std::uint64_t number, const std::string& why);
  std::size_t streams() const { return streams_.size(); }

 private:
  struct Entry;
  using EntryPtr = std::shared_ptr<Entry>;

  Result<void> may_publish(const PublishRequest& request) const;
  Result<EntryPtr> find_or_begin(const PublishRequest& request);
  Result<EntryPtr> begin(const PublishRequest& request);
  Result<void> count_for(Entry& entry, const PublishRequest& request);
  bool may_be_replaced(const Entry& entry, const PublishRequest& request) const;
  void replace(Entry& entry, const std::string& why);
  void leave(const EntryPtr& entry, const std::string& why);
  void give_way(const EntryPtr& entry);
  void end(const EntryPtr& entry);
  template <class... Args>
  void report(const char* cause, fmt::format_string<Args...> text, Args&&... args) const;

  asio::io_context& io_;
  StreamSink& sink_;
  Options options_;
  const cli::Log& log_;
  const Clock& clock_;
  std::map<std::string, EntryPtr> streams_;
  const std::shared_ptr<StreamQuota> quota_;
  net::Timer room_;  // cancelled when the sink has room again
  net::Timer room_poll_;
  bool polls_room_ = false;
  bool draining_ = false;
  bool stopping_ = false;
};

class Publications::Feed {
 public:
  Feed(Publications& owner, EntryPtr entry);
  ~Feed();
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // False once another publisher has replaced this one, or the stream has ended: messages are dropped then.
  bool is_current() const;
  // timestamp_ms: the publisher's own, unwrapped.
  void push(flv::TagType type, std::int64_t timestamp_ms, Slice payload);
  // The protocol dropped metadata or data that was too large; logged once.
  void report_left_out();
  // The publisher has left. The stream waits for it to come back, or ends.
  void leave(const std::string& why);

 private:
  Publications& owner_;
  const EntryPtr entry_;
  const std::uint64_t number_;
};

}  // namespace srs::live
