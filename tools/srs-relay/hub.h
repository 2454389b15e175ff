// Hub: the streams that the relay holds, by path, and who waits for one.
//
// Stdin and publishers begin, feed and end streams here; player sessions look them up. One thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "media/pipe_reader.h"
#include "media/pipe_writer.h"
#include "stream.h"

namespace srs::relay {

class Hub {
 public:
  struct Options {
    media::LogLimits limits;
    std::chrono::milliseconds stall_timeout{15'000};
  };

  // pass: where every stream is written on to as well; may be null. The first stream settles whether
  // it is plain FLV or has channels.
  Hub(asio::io_context& io, Options options, media::PipeWriter* pass, const cli::Log& log);

  // A published stream, as its publisher holds it.
  struct Published {
    std::shared_ptr<Stream> stream;
    media::ChannelId pass_channel = 0;
  };

  // Null if the path is taken. is_plain: from plain FLV, and nothing else will come.
  std::shared_ptr<Published> begin(const media::StreamInfo& info, bool is_plain = false);
  void append(Published& published, media::Message message);
  // A stream that was lost, not ended, is not ended on the pipe either: the next stage has
  // to see that its input broke off.
  void end(Published& published, media::EndReason reason);

  // The stream of this path, once it can be played; null if it did not come within `patience`.
  asio::awaitable<std::shared_ptr<Stream>> find(std::string path, std::chrono::milliseconds patience);

  // Ends every stream, as at the end of the program.
  void end_all();
  // Players that are still connected, those of ended streams too.
  std::size_t players() const;
  // Lets go of everybody: who waits for a stream gets none.
  void stop();
  // Cuts off every player that is still there.
  void drop_players();

 private:
  struct Waiter {
    std::string path;
    asio::steady_timer timer;
  };

  void wake(const std::string& path);
  void watch_stalls();

  asio::io_context& io_;
  Options options_;
  media::PipeWriter* pass_;
  const cli::Log& log_;
  std::map<std::string, std::shared_ptr<Published>, std::less<>> streams_;
  std::vector<std::weak_ptr<Stream>> ended_;  // their last players are being sent the rest
  std::list<Waiter> waiters_;
  asio::steady_timer stall_timer_;
  bool stopped_ = false;
};

}  // namespace srs::relay
