// Successor: finds the next origin for a pull whose origin drains, while the pull still plays from it. A
// successor counts as found once it has brought a frame.
//
// Shared by the pull and the coroutine that runs it. Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "media/message.h"
#include "srs-relay/origins/pull_source.h"

namespace srs::relay {

class Successor {
 public:
  // than: the origin that drains.
  Successor(Pulls& pulls, PullQuestion question, OriginPtr than);

  // Asks one origin after the other. The draining address comes last: a new process may have taken it over.
  static asio::awaitable<void> run(std::shared_ptr<Successor> successor);
  // Ends the search soon, without a result.
  void cancel();
  // Returns once it is done.
  asio::awaitable<void> wait();

  bool done() const { return done_; }
  bool found() const { return source_ != nullptr; }
  // Hands over what was found (null: nothing) and its first messages; the last one is the first frame.
  std::unique_ptr<PullSource> pop(std::vector<media::Message>& first);

 private:
  asio::awaitable<void> run();
  asio::awaitable<bool> read_first(PullSource& source);

  Pulls& pulls_;
  const PullQuestion question_;
  const OriginPtr than_;
  PullConnection* connection_ = nullptr;  // that is being opened or read
  std::unique_ptr<PullSource> source_;
  std::vector<media::Message> first_;
  asio::steady_timer finished_;  // cancelled when it is done
  bool cancelled_ = false;
  bool done_ = false;
};

}  // namespace srs::relay
