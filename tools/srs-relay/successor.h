// Successor: finds the origin that a pull goes on with, while the pull still plays from one that asked us to
// leave. It is found once it has brought a frame: what is left is read until then.
//
// Shared by the pull and the coroutine that runs it. Belongs to the main thread.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/steady_timer.hpp>
#include <memory>
#include <vector>

#include "media/message.h"
#include "pull_source.h"

namespace srs::relay {

class Successor : public std::enable_shared_from_this<Successor> {
 public:
  // than: the origin that is to be left.
  Successor(Pulls& pulls, PullQuestion question, OriginPtr than);

  // Asks one origin after the other, last the address that is left: a new process may have taken it over.
  asio::awaitable<void> run();
  // Ends it soon: then nothing is found.
  void cancel();
  // Returns once it is done.
  asio::awaitable<void> wait();

  bool done() const { return done_; }
  bool found() const { return source_ != nullptr; }
  // What was found (null: nothing), and what it has brought: the first frame comes last.
  std::unique_ptr<PullSource> take(std::vector<media::Message>& first);

 private:
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
