// Hub: the streams that the relay holds, by path, and who waits for one.
//
// Stdin and publishers begin, feed and end streams here, on the input's thread; that is where players'
// sessions look them up, too, from their workers' threads (see LookUp).
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "found_stream.h"
#include "media/pipe_reader.h"
#include "media/pipe_writer.h"
#include "stream.h"

namespace srs::relay {

class Hub {
 public:
  using Found = FoundStream;
  using OnFound = std::function<void(Found)>;

  // pass: where every stream is written on to as well; may be null. The first stream settles whether
  // it is plain FLV or has channels.
  Hub(asio::io_context& io, Stream::Options options, media::PipeWriter* pass,
      std::vector<std::unique_ptr<Worker>>& workers, const cli::Log& log);

  // A published stream, as its publisher holds it.
  struct Published {
    std::shared_ptr<Stream> stream;
    media::ChannelId pass_channel = 0;
    std::uint64_t jumps_told = 0;
  };

  // Null if the path is taken. is_plain: from plain FLV, and nothing else will come.
  std::shared_ptr<Published> begin(const media::StreamInfo& info, bool is_plain = false);
  void append(Published& published, media::Message message);
  // A stream that was lost, not ended, is not ended on the pipe either: the next stage has
  // to see that its input broke off.
  void end(Published& published, media::EndReason reason);

  // Calls `done` with the stream of this path, once it can be played; with none if it does not come within
  // `patience`.
  void find(const std::string& path, std::chrono::milliseconds patience, const media::WireEncoder& encoder,
            OnFound done);
  asio::io_context& io() { return io_; }

  // Ends every stream, as at the end of the program.
  void end_all();
  // Lets go of everybody: who waits for a stream gets none.
  void stop();

 private:
  struct Waiter {
    std::string path;
    const media::WireEncoder& encoder;
    OnFound done;
    asio::steady_timer patience;
  };

  Stream* playable(const std::string& path) const;
  Found found(Stream& stream, const media::WireEncoder& encoder) const;
  void wake(const std::string& path);
  void watch_slow_players();
  void tell_slow_players(Published& published);

  asio::io_context& io_;
  Stream::Options options_;
  media::PipeWriter* pass_;
  std::vector<std::unique_ptr<Worker>>& workers_;
  const cli::Log& log_;
  std::map<std::string, std::shared_ptr<Published>, std::less<>> streams_;
  std::list<Waiter> waiters_;
  asio::steady_timer report_timer_;
  bool stopped_ = false;
};

}  // namespace srs::relay
