// Call: one request to a call-back on its way, by HTTP or as a process. Destroying it ends it.
//
// Belongs to the thread of the io_context; so do its handlers.
#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>

#include "core/result.h"
#include "hooks/event.h"
#include "hooks/format.h"
#include "http/client.h"

namespace srs::hooks {

class Call {
 public:
  // Called once each, in this order, later than the call is made. Neither may destroy the call at once.
  struct Handlers {
    // Errors: timed_out, too_large, closed, io. For a process, status is what it exited with, and body the
    // first line of its output.
    std::function<void(Result<Received>)> on_answer;
    // Nothing of it is left: no process either.
    std::function<void()> on_end;
  };

  virtual ~Call() = default;
};

// Posts the event to the rules' URL, signed if they say so. The client must outlive it.
std::unique_ptr<Call> http_call(http::Client& client, const HookRules& rules, const Outgoing& outgoing,
                                std::chrono::milliseconds time, Call::Handlers handlers);

// Runs the rules' program: see exec_call.cpp.
std::unique_ptr<Call> exec_call(asio::io_context& io, const std::string& program, const Event& event,
                                const Sender& sender, std::chrono::milliseconds time,
                                Call::Handlers handlers);
// What the status of a process means: 0 allows, 1 refuses, others are errors.
Decision exec_decision(const Received& answer);

}  // namespace srs::hooks
