// Rounds: the loop of a worker's thread. A thread that has time handles each event at once. A busy one works
// in rounds: everything that has come, then a rest (RoundTime). Who reads an input reads it once a round.
//
// One thread.
#pragma once

#include <asio/io_context.hpp>

#include "net/pacer.h"
#include "net/timer.h"

namespace srs::relay {

class Rounds : public net::Pacer {
 public:
  // rests: false: there are no rounds, however busy the thread is.
  Rounds(asio::io_context& io, bool rests);

  // Runs the loop until it is stopped.
  void run();
  // Ends the waits of readers.
  void release() { readers_.cancel(); }

  bool holds() const override { return holds_; }
  asio::awaitable<void> wait() override;

 private:
  asio::io_context& io_;
  const bool rests_;
  bool holds_ = false;
  net::Timer readers_;  // cancelled when a round begins
};

}  // namespace srs::relay
