// Hook: one call-back: asks its server or program, and tells it of events, within bounds.
//
// At most rules.connections requests are on their way; questions that come meanwhile wait, at most
// rules.waiting_max of them, and go before events. A question is answered within rules.timeout, whatever
// happens. An event is sent once, never again: if that fails, or too many wait, it is lost, which is logged.
// Events use a quarter of the connections at most, so that a flood of them delays no question.
//
// Belongs to the thread of the io_context. Owned by a HookSet; whoever asked is not answered if it is
// destroyed.
#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/log.h"
#include "core/clock.h"
#include "hooks/answers.h"
#include "hooks/call.h"
#include "http/client.h"

namespace srs::hooks {

struct HookFigures {
  std::string name;
  std::uint64_t allowed = 0, refused = 0, errors = 0;  // answers to questions, those below included
  std::uint64_t cached = 0, shared = 0;                // questions that needed no request of their own
  std::uint64_t told = 0, lost = 0;                    // events
  std::size_t running = 0, waiting = 0;
};

// What the hooks of a tool share. All must outlive them.
struct Surroundings {
  asio::io_context& io;
  http::Client& client;
  const Sender& sender;
  const cli::Log& log;
  const Clock& clock;
};

class Hook : public std::enable_shared_from_this<Hook> {
 public:
  using Done = std::function<void(const Decision&)>;

  // The rules must have been checked.
  Hook(const Surroundings& surroundings, HookRules rules);
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  // event.kind: publish, play or admin; client.id not empty. done: called once, maybe at once.
  void ask(Event event, Done done);
  void tell(Event event);

  const HookRules& rules() const { return rules_; }
  bool idle() const { return calls_.empty() && waiting_.empty() && events_.empty(); }
  HookFigures figures() const;

 private:
  struct Pending;
  using PendingPtr = std::shared_ptr<Pending>;

  bool has_room() const { return calls_.size() < rules_.connections; }
  void start(const PendingPtr& pending);
  void start_told(const Event& event);
  void on_told(const Result<Received>& answer);
  void call(const Event& event, std::chrono::milliseconds time,
            std::function<void(Result<Received>)> on_answer, std::function<void()> on_end);
  void on_answer(const PendingPtr& pending, const Result<Received>& answer);
  Decision decision_of_answer(const Event& event, const Result<Received>& answer) const;
  void finish(const PendingPtr& pending, Decision decision);
  void count(const Decision& decision, std::size_t answers);
  void start_waiting();
  void watch_deadlines();

  const Surroundings to_;
  const HookRules rules_;
  const std::string cause_;  // of log lines
  Answers answers_;
  std::map<std::string, PendingPtr> asked_;  // by key: questions that are not answered yet
  std::deque<PendingPtr> waiting_;
  std::deque<Event> events_;
  std::size_t telling_ = 0;
  std::map<std::uint64_t, std::unique_ptr<Call>> calls_;
  std::uint64_t last_call_ = 0;
  asio::steady_timer deadline_;
  HookFigures figures_;
};

}  // namespace srs::hooks
