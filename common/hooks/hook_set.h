// HookSet: the call-backs of a tool.
//
//     hooks::HookSet hooks(io, rules, {.node = "edge1"}, log);
//     if (hooks.asks(question.action)) verdict = co_await hooks.ask(question, client);
//     hooks.tell({.kind = HookEvent::unpublish, .about = question, .client = client, .user = grant.user});
//
// All call-backs that are asked about an action must allow it. They are asked at the same time; the first
// refusal counts, and the shortest expiry. One may give the stream another name, two must not disagree on it.
//
// Everything happens on the thread of the io_context, and what is said to be so may be called from others.
// What was granted is the grant of a call-back (Identity::Kind::hook): ask again when it ends.
#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <memory>
#include <vector>

#include "access/hook_rules.h"
#include "access/question.h"
#include "cli/log.h"
#include "core/clock.h"
#include "hooks/event.h"
#include "hooks/hook.h"
#include "net/tls_context.h"

namespace srs::hooks {

class HookSet {
 public:
  // The rules must have been checked (access::check). The thread of io; it, log and clock must outlive it.
  // trust: for https; null: the system's authorities.
  HookSet(asio::io_context& io, std::vector<HookRules> rules, Sender sender, const cli::Log& log,
          const Clock& clock = system_clock(), std::shared_ptr<const net::TlsContext> trust = nullptr);
  // The thread of io. Requests end, processes are killed; who still waits is refused a little later than its
  // time-out. To be destroyed before the io_contexts of those who ask.
  ~HookSet();
  HookSet(const HookSet&) = delete;
  HookSet& operator=(const HookSet&) = delete;

  // Any thread: whether any call-back is asked about it, or told of it.
  bool asks(access::Action action) const;
  bool tells(HookEvent event) const;

  // Any executor, whose thread may differ from that of io. Refusals: `unavailable` for errors, if they are
  // not allowed; `unknown` and `wrong` for status 401; `forbidden` for others. An action that nobody is asked
  // about is refused as `unknown`.
  asio::awaitable<access::Verdict> ask(access::Question question, Client client = {});
  // Any thread; never waits. Sent at best once: see Hook.
  void tell(Event event);

  // The thread of io. Call-backs whose rules are the same stay as they are; requests of others are still
  // answered.
  void replace(std::vector<HookRules> rules);
  // The thread of io. In the order of the rules.
  std::vector<HookFigures> figures() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // on the thread of io; others hold it weakly
  struct Shown;
  std::shared_ptr<Shown> shown_;  // what other threads read
  asio::io_context& io_;
};

}  // namespace srs::hooks
