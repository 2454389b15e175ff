// Hub: the streams that the relay holds, by path, and who waits for one.
//
// Stdin and publishers begin, feed and end streams here, on the input's thread; that is where players'
// sessions look them up, too, from their workers' threads (see LookUp).
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "found_stream.h"
#include "media/pipe_reader.h"
#include "media/pipe_writer.h"
#include "stream.h"
#include "waiters.h"
#include "wanted.h"

namespace srs::relay {

class Hub {
 public:
  using Found = FoundStream;
  using OnFound = std::function<void(Found)>;

  // pass: where every stream is written on to as well; may be null. The first stream settles whether
  // it is plain FLV or has channels. node: our id among relays.
  Hub(asio::io_context& io, Stream::Options options, media::PipeWriter* pass,
      std::vector<std::unique_ptr<Worker>>& workers, std::string node, const cli::Log& log);

  // A published stream, as its publisher holds it.
  struct Published {
    std::shared_ptr<Stream> stream;
    media::ChannelId pass_channel = 0;
    std::uint64_t jumps_told = 0;
    bool is_pulled = false;
  };

  // Who gets streams that are not here; without it they are not here.
  void set_upstream(Upstream* upstream) { upstream_ = upstream; }

  // Null if the path is taken, unless by a stream that is only fetched from elsewhere. is_plain: from plain
  // FLV, and nothing else will come.
  std::shared_ptr<Published> begin(const media::StreamInfo& info, bool is_plain = false);
  // A stream that is fetched from elsewhere; null if the path is taken.
  std::shared_ptr<Published> begin_pulled(const media::StreamInfo& info);
  void append(Published& published, media::Message message);
  // A stream that was lost is called lost on the pipe; one that was cut is not ended there at all: the next
  // stage has to see that its input broke off.
  void end(Published& published, media::EndReason reason);
  const std::string& node() const { return node_; }

  // Calls `done` with the wanted stream, once it can be played; with none if it does not come in time, or is
  // refused. What is not here is sought at the upstream; a stream that is fetched from there is given to
  // those only whom the upstream permits it.
  void find(Wanted wanted, const media::WireEncoder& encoder, OnFound done);
  // The upstream could not get this stream for this permit: whoever has no patience left gets none.
  void give_up(const std::string& path, const std::string& permit);
  // The upstream permits it, or does not: whoever waits with this permit gets an answer.
  void admit(const std::string& path, const std::string& permit);
  void deny(const std::string& path, const std::string& permit);
  // Who waits for streams.
  const Waiters& waiters() const { return waiters_; }
  // Whether find() has to be asked for every player: what a worker serves already may not be every player's.
  bool asks_for_each() const { return upstream_ != nullptr && upstream_->asks_for_each(); }
  asio::io_context& io() { return io_; }

  // Called when a stream can be played from now on, and when such a stream has ended.
  using OnStream = std::function<void(const std::shared_ptr<Stream>&)>;
  std::vector<OnStream> on_playable, on_ended;
  // Whether this stream is here and is fetched from elsewhere.
  bool is_pulled(const std::string& path) const;

  // From now on streams end because we are leaving: they may go on elsewhere.
  void leave() { leaving_ = true; }
  // Every stream that there is, also one that cannot be played yet.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [path, published] : streams_) visit(*published->stream);
  }
  std::vector<std::shared_ptr<Stream>> streams() const;

  // Ends every stream, as at the end of the program.
  void end_all();
  // Lets go of everybody: who waits for a stream gets none.
  void stop();

 private:
  Stream* playable(const std::string& path) const;
  std::shared_ptr<Published> add(const media::StreamInfo& info, bool is_plain);
  Found found(Stream& stream, const media::WireEncoder& encoder) const;
  bool may_have(const Wanted& wanted) const;
  // What there is for this player now; none if it has to wait.
  Found find_now(const Wanted& wanted, const media::WireEncoder& encoder) const;
  void wake(const std::string& path);
  void watch_slow_players();
  void tell_slow_players(Published& published);

  asio::io_context& io_;
  Stream::Options options_;
  media::PipeWriter* pass_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const std::string node_;
  const cli::Log& log_;
  std::map<std::string, std::shared_ptr<Published>, std::less<>> streams_;
  Waiters waiters_;
  asio::steady_timer report_timer_;
  Upstream* upstream_ = nullptr;
  bool leaving_ = false;
  bool stopped_ = false;
};

}  // namespace srs::relay
