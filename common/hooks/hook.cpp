#include "hooks/hook.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <utility>

namespace srs::hooks {
namespace {

using Steady = std::chrono::steady_clock;
using std::chrono::milliseconds;

milliseconds left_until(Steady::time_point time) {
  return std::chrono::ceil<milliseconds>(time - Steady::now());
}

std::size_t most_told(const HookRules& rules) {
  return std::max<std::size_t>(1, rules.connections / 4);
}

}  // namespace

// A question on its way, with all who ask it.
struct Hook::Pending {
  Event event;
  std::vector<HookEvent> steps;  // requests that are left
  std::string key;               // empty: nobody shares it
  Steady::time_point deadline;
  std::vector<Done> askers;
  bool answered = false;
};

Hook::Hook(const Surroundings& surroundings, HookRules rules)
    : to_(surroundings),
      rules_(std::move(rules)),
      cause_("call-back " + rules_.name),
      deadline_(surroundings.io) {
  figures_.name = rules_.name;
}

HookFigures Hook::figures() const {
  HookFigures now = figures_;
  now.running = calls_.size();
  now.waiting = waiting_.size() + events_.size();
  return now;
}

void Hook::ask(Event event, Done done) {
  const bool may_share = rules_.ttl.count() > 0;
  std::string key = may_share ? key_of(event) : "";
  if (const Decision* known = may_share ? answers_.find(key, to_.clock.steady()) : nullptr) {
    ++figures_.cached;
    count(*known, 1);
    return done(Decision(*known));
  }
  if (const auto same = may_share ? asked_.find(key) : asked_.end(); same != asked_.end()) {
    ++figures_.shared;
    same->second->askers.push_back(std::move(done));
    return;
  }
  const auto pending = std::make_shared<Pending>();
  const bool connects = rules_.has(HookEvent::connect) && event.kind != HookEvent::admin;
  if (connects) pending->steps.push_back(HookEvent::connect);
  pending->steps.push_back(event.kind);
  pending->event = std::move(event);
  pending->key = std::move(key);
  pending->deadline = Steady::now() + rules_.timeout;
  pending->askers.push_back(std::move(done));
  if (!has_room() && waiting_.size() >= rules_.waiting_max)
    return finish(pending, failed("too many questions at a time"));
  if (may_share) asked_[pending->key] = pending;
  if (has_room()) return start(pending);
  waiting_.push_back(pending);
  if (waiting_.size() == 1) watch_deadlines();
}

void Hook::start(const PendingPtr& pending) {
  pending->event.kind = pending->steps.front();
  pending->steps.erase(pending->steps.begin());
  call(
      pending->event, left_until(pending->deadline),
      [this, pending](const Result<Received>& answer) { on_answer(pending, answer); },
      [this, pending] {
        if (!pending->answered) start(pending);
      });
}

// Posted: a call must not be destroyed by its own handler.
void Hook::call(const Event& event, milliseconds time, std::function<void(Result<Received>)> on_answer,
                std::function<void()> on_end) {
  const std::uint64_t number = ++last_call_;
  Call::Handlers handlers;
  handlers.on_answer = std::move(on_answer);
  handlers.on_end = [this, number, on_end = std::move(on_end)] {
    asio::post(to_.io, [weak = weak_from_this(), number, on_end] {
      const auto self = weak.lock();
      if (!self) return;
      const auto ended = self->calls_.extract(number);
      on_end();
      self->start_waiting();
    });
  };
  const auto program = access::program_of(rules_);
  calls_[number] = program ? exec_call(to_.io, *program, event, to_.sender, time, std::move(handlers))
                           : http_call(to_.client, rules_, outgoing_of(rules_.format, event, to_.sender),
                                       time, std::move(handlers));
}

Decision Hook::decision_of_answer(const Event& event, const Result<Received>& answer) const {
  if (!answer)
    return failed(answer.error().code == Errc::timed_out
                      ? fmt::format("no answer within {} ms", rules_.timeout.count())
                      : answer.error().message);
  if (access::program_of(rules_)) return exec_decision(*answer);
  return decision_of(rules_.format, event.about, *answer);
}

void Hook::on_answer(const PendingPtr& pending, const Result<Received>& answer) {
  Decision decision = decision_of_answer(pending->event, answer);
  if (decision.kind == Decision::Kind::allowed && !pending->steps.empty()) {
    if (left_until(pending->deadline) > milliseconds(0)) return;  // the next request, once this one has ended
    decision = failed(fmt::format("no answer within {} ms", rules_.timeout.count()));
  }
  finish(pending, std::move(decision));
}

void Hook::finish(const PendingPtr& pending, Decision decision) {
  pending->answered = true;
  if (decision.expires_in) decision.expires = to_.clock.utc() + *decision.expires_in;
  if (decision.kind == Decision::Kind::error)
    to_.log.warning_by({cause_}, "call-back {}: {}{}", rules_.name, decision.why,
                       rules_.allow_on_error ? "; allowed all the same" : "");
  if (!pending->key.empty()) {
    asked_.erase(pending->key);
    const auto time = std::min(rules_.ttl, decision.expires_in.value_or(rules_.ttl));
    if (decision.kind != Decision::Kind::error)
      answers_.put(pending->key, decision, to_.clock.steady() + time);
  }
  count(decision, pending->askers.size());
  for (const Done& done : std::exchange(pending->askers, {})) done(decision);
}

void Hook::count(const Decision& decision, std::size_t answers) {
  auto& counter = decision.kind == Decision::Kind::allowed   ? figures_.allowed
                  : decision.kind == Decision::Kind::refused ? figures_.refused
                                                             : figures_.errors;
  counter += answers;
}

void Hook::start_waiting() {
  while (has_room() && !waiting_.empty()) {
    const PendingPtr next = std::move(waiting_.front());
    waiting_.pop_front();
    start(next);
  }
  while (has_room() && telling_ < most_told(rules_) && !events_.empty()) {
    const Event next = std::move(events_.front());
    events_.pop_front();
    start_told(next);
  }
}

// All have the same time, so the first one waiting is the first to be late.
void Hook::watch_deadlines() {
  if (waiting_.empty()) return;
  deadline_.expires_at(waiting_.front()->deadline);
  deadline_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (!self || cancelled) return;
    while (!self->waiting_.empty() && self->waiting_.front()->deadline <= Steady::now()) {
      const PendingPtr late = std::move(self->waiting_.front());
      self->waiting_.pop_front();
      self->finish(late, failed(fmt::format("no answer within {} ms, for so many questions wait",
                                            self->rules_.timeout.count())));
    }
    self->watch_deadlines();
  });
}

void Hook::tell(Event event) {
  if (has_room() && telling_ < most_told(rules_) && waiting_.empty()) return start_told(event);
  if (events_.size() < rules_.waiting_max) return events_.push_back(std::move(event));
  ++figures_.lost;
  to_.log.warning_by({cause_}, "call-back {}: an event is lost: too many wait", rules_.name);
}

void Hook::start_told(const Event& event) {
  ++telling_;
  call(
      event, rules_.timeout, [this](const Result<Received>& answer) { on_told(answer); },
      [this] { --telling_; });
}

// Whatever it answers, as long as it took it.
void Hook::on_told(const Result<Received>& answer) {
  const bool is_program = access::program_of(rules_).has_value();
  const bool taken = answer && (is_program ? answer->status == 0 : answer->status / 100 == 2);
  ++(taken ? figures_.told : figures_.lost);
  if (taken) return;
  to_.log.warning_by({cause_}, "call-back {}: an event is lost: {}", rules_.name,
                     answer ? fmt::format("status {}", answer->status) : answer.error().message);
}

}  // namespace srs::hooks
