#include "gate/gate.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "access/network.h"
#include "net/admission.h"
#include "net/random_id.h"

namespace srs::gate {

using access::Action;
using access::Grant;
using access::Identity;
using access::Policy;
using access::Question;
using access::Refusal;
using access::Verdict;

Gate::Gate(asio::io_context& io, const cli::Log& log, const Clock& clock)
    : io_(io), log_(log), clock_(clock), watch_(io, clock), rights_(std::make_shared<RightList>()) {
  rights_->on_stay_ended = [this](const Stay& stay) { on_stay_ended(stay); };
}

Gate::~Gate() {
  const std::lock_guard lock(rights_->ending);
  rights_->on_stay_ended = nullptr;
}

Result<void> Gate::open(const GateOptions& options, audit::Writer writer) {
  sender_ = {.node = writer.node, .server_id = {}, .service_id = {}};
  auto audit = audit::Audit::open(options.audit, std::move(writer), log_);
  if (!audit) return std::move(audit).error();
  audit_ = *std::move(audit);
  if (options.seats.any()) seats_.emplace(options.seats);
  if (!options.has_rules()) return {};
  file_ = options.file;
  if (auto done = read(); !done) return std::move(done).error().in("--access");
  has_rules_ = true;
  watch();
  return {};
}

std::shared_ptr<const Policy> Gate::policy() const {
  const std::lock_guard lock(mutex_);
  return policy_;
}

asio::awaitable<Verdict> Gate::admit(Question question, hooks::Client client) {
  if (client.id.empty()) client.id = net::random_id();
  auto verdict = co_await decide(question, client);
  co_return note(question, client, std::move(verdict));
}

// Who is refused by the rules is refused; whom they do not know, call-backs may.
asio::awaitable<Verdict> Gate::decide(const Question& question, const hooks::Client& client) {
  const auto policy = this->policy();
  if (!policy) co_return Grant{question.path, {}, {}, access::never};
  auto verdict = co_await decide_by_rules(*policy, question);
  if (!hooks_->asks(question.action)) co_return verdict;
  const auto kind = verdict.refusal.kind;
  if (!verdict && kind != Refusal::Kind::unknown && kind != Refusal::Kind::wrong) co_return verdict;
  auto asked = co_await ask_hooks(question, client, std::move(verdict));
  co_return asked;
}

// Who shows what is right does not wait; everybody else does, once its address has guessed.
asio::awaitable<Verdict> Gate::decide_by_rules(const Policy& policy, const Question& question) {
  auto decision = policy.decide(question, clock_.utc());
  if (decision.verdict && *decision.verdict) co_return *std::move(decision.verdict);
  const bool remembered =
      decision.user != nullptr && passwords_.remembers(decision.user->hash, question.credentials.password);
  if (!remembered) co_await slow_down(question);
  if (decision.verdict) co_return *std::move(decision.verdict);
  const auto asker = net::address_key(access::address_of(question.address));
  const auto right = co_await passwords_.check(decision.user->hash, question.credentials.password, asker);
  if (!right) co_return Refusal{Refusal::Kind::unavailable, "too many passwords wait to be checked"};
  if (!*right) co_return Refusal{Refusal::Kind::wrong, "wrong password"};
  co_return policy.decide_user(question, *decision.user, clock_.utc());
}

// Programs on this machine, a proxy for one, carry many people's requests: they do not wait.
asio::awaitable<void> Gate::slow_down(const Question& question) {
  const auto address = access::address_of(question.address);
  const auto delay = guesses_.delay(address, clock_.steady());
  if (net::address_key(address) == 0 || delay.count() == 0) co_return;
  asio::steady_timer timer(co_await asio::this_coro::executor, delay);
  co_await timer.async_wait(asio::use_awaitable);
}

// by_rules: granted, or of somebody whom the rules do not know. Call-backs hear of the stream by its own
// name, whatever key stood in its place.
asio::awaitable<Verdict> Gate::ask_hooks(Question question, const hooks::Client& client, Verdict by_rules) {
  if (by_rules) question.path = by_rules.grant->path;
  auto asked = co_await hooks_->ask(question, client);
  const bool is_wrong = !by_rules && by_rules.refusal.kind == Refusal::Kind::wrong;
  if (!asked && is_wrong) asked.refusal.kind = Refusal::Kind::wrong;
  if (!by_rules || !asked) co_return asked;
  Grant& grant = *by_rules.grant;
  asked.grant->expires = std::min(asked.grant->expires, grant.expires);
  if (grant.identity.kind == Identity::Kind::anyone) co_return asked;
  grant.expires = asked.grant->expires;
  grant.path = asked.grant->path;
  co_return by_rules;
}

// Takes a seat, counts, and says what has been decided.
Verdict Gate::note(const Question& question, const hooks::Client& client, Verdict verdict) {
  std::shared_ptr<const void> seat;
  if (verdict && question.stays && seats_) {
    auto taken = seats_->take(question, *verdict.grant);
    if (taken)
      seat = *std::move(taken);
    else
      verdict = Refusal{Refusal::Kind::too_many, taken.error().message};
  }
  {
    const std::lock_guard lock(mutex_);
    ++(verdict ? figures_.granted : figures_.refused[static_cast<std::size_t>(verdict.refusal.kind)]);
  }
  if (verdict) {
    Grant& grant = *verdict.grant;
    grant.id = client.id;
    if (question.action == Action::admin_write) write(audit::Kind::admin, question, grant, question.url_path);
    if (!question.stays || (!seat && !audit_ && !hooks_)) return verdict;
    write(question.action == Action::publish ? audit::Kind::publish : audit::Kind::play, question, grant, {});
    auto stay = std::make_shared<Stay>(question, client, grant);
    stay->list = rights_;
    stay->seat = std::move(seat);
    grant.stay = std::move(stay);
    return verdict;
  }
  refuse(question, verdict.refusal);
  return verdict;
}

// Where names may be keys, one that nobody knows may be a key that was mistyped, or guessed.
void Gate::refuse(const Question& question, const Refusal& refusal) {
  const auto policy = this->policy();
  const bool may_be_key = question.action == Action::publish && policy && policy->names_may_be_keys();
  if (refusal.kind == Refusal::Kind::wrong || (may_be_key && refusal.kind == Refusal::Kind::unknown))
    guesses_.wrong(access::address_of(question.address), clock_.steady());
  const std::string path = may_be_key ? "" : question.path;
  log_.warning_by({"refused", question.address}, "{}{} by {} over {} refused: {}",
                  path.empty() ? "" : path + ": ", access::name_of(question.action), question.address,
                  question.protocol, refusal.why);
  const auto budget = refusals_.take(clock_.steady());
  if (!budget.may) return;
  const auto kind = refusal.kind == Refusal::Kind::too_many ? audit::Kind::limit : audit::Kind::refused;
  const std::string others =
      budget.left_out == 0 ? "" : fmt::format(" (and {} others before)", budget.left_out);
  write(kind, question, Grant{path, {}, {}, access::never},
        fmt::format("{}: {}{}", access::name_of(question.action), refusal.why, others));
}

void Gate::write(audit::Kind kind, const Question& question, const Grant& grant, std::string reason,
                 const Stay* ended) const {
  if (!audit_) return;
  audit::Event event;
  event.kind = kind;
  event.who = grant.user;
  event.identity = grant.identity.name;
  event.address = question.address;
  event.agent = question.agent;
  event.protocol = question.protocol;
  event.path = grant.path;
  event.reason = std::move(reason);
  event.id = grant.id;
  if (ended != nullptr) {
    event.bytes = ended->bytes;
    event.duration = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                           ended->since);
  }
  audit_->write(std::move(event));
}

void Gate::on_stay_ended(const Stay& stay) {
  const bool publishes = stay.question.action == Action::publish;
  write(publishes ? audit::Kind::unpublish : audit::Kind::stop, stay.question, stay.grant, stay.why, &stay);
  if (!hooks_) return;
  for (const auto kind :
       {publishes ? access::HookEvent::unpublish : access::HookEvent::stop, access::HookEvent::close}) {
    if (!hooks_->tells(kind)) continue;
    hooks::Event event;
    event.kind = kind;
    event.about = stay.question;
    event.client = stay.client;
    event.user = stay.grant.user;
    (publishes ? event.received_bytes : event.sent_bytes) = stay.bytes;
    hooks_->tell(std::move(event));
  }
}

Right Gate::hold(Question question, hooks::Client client, const Grant& grant,
                 const asio::any_io_executor& executor, std::function<void(const std::string& why)> on_end) {
  if (!has_rules_ && !grant.stay) return {};
  const bool asks = hooks_ && hooks_->asks(question.action);
  if (!asks) question.credentials = {};
  question.path = grant.path;
  client.id = grant.id;
  auto held = std::make_shared<HeldRight>();
  held->question = std::move(question);
  held->client = std::move(client);
  held->grant = grant;
  held->executor = executor;
  held->on_end = std::move(on_end);
  held->list = rights_;
  const std::lock_guard lock(rights_->mutex);
  rights_->all.insert(held);
  if (!has_rules_) return Right(std::move(held));
  // The rules may have changed since it was granted.
  const Verdict verdict = policy()->decide_again(held->question, grant, clock_.utc());
  if (!verdict)
    end(held, verdict.refusal.why);
  else
    held->grant.expires = std::min(grant.expires, verdict.grant->expires);
  return Right(std::move(held));
}

std::size_t Gate::held() const {
  const std::lock_guard lock(rights_->mutex);
  return rights_->all.size();
}

Gate::Counters Gate::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

std::vector<hooks::HookFigures> Gate::hook_figures() const {
  return hooks_ ? hooks_->figures() : std::vector<hooks::HookFigures>();
}

}  // namespace srs::gate
