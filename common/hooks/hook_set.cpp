#include "hooks/hook_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>
#include <atomic>
#include <optional>
#include <utility>

#include "access/digest.h"
#include "http/client.h"
#include "net/answer.h"
#include "net/random_id.h"

namespace srs::hooks {
namespace {

using access::Grant;
using access::Refusal;
using access::Verdict;
using VerdictAnswer = std::shared_ptr<net::Answer<Verdict>>;

// Beyond the time-outs of the call-backs: for threads that have other things to do.
constexpr std::chrono::milliseconds patience_more{2000};

Sender complete(Sender sender) {
  if (sender.server_id.empty())
    sender.server_id = sender.node.empty() ? "vid-" + net::random_id() : sender.node;
  if (sender.service_id.empty()) sender.service_id = net::random_id();
  return sender;
}

// Other rules for the same name make another call-back, which may decide otherwise.
std::uint64_t fingerprint_of(const HookRules& rules) {
  return access::fingerprint_of(
      fmt::format("{}\n{}\n{}", rules.url, access::name_of(rules.format), rules.secret));
}

// One question to several call-backs.
class Round {
 public:
  Round(access::Question question, VerdictAnswer answer, std::size_t asked)
      : question_(std::move(question)), answer_(std::move(answer)), decisions_(asked), missing_(asked) {}

  // i: in the order of the rules.
  void on_decision(std::size_t i, const HookRules& rules, const Decision& decision);

 private:
  struct Part {
    access::Identity identity;
    Decision decision;
  };

  Verdict verdict() const;

  const access::Question question_;
  const VerdictAnswer answer_;
  std::vector<Part> decisions_;
  std::size_t missing_;
};

void Round::on_decision(std::size_t i, const HookRules& rules, const Decision& decision) {
  const std::string why = fmt::format("call-back {}: {}", rules.name, decision.why);
  const bool is_error = decision.kind == Decision::Kind::error;
  if (decision.kind == Decision::Kind::refused) return answer_->set(Refusal{decision.refusal, why});
  if (is_error && !rules.allow_on_error) return answer_->set(Refusal{Refusal::Kind::unavailable, why});
  decisions_[i] = {{access::Identity::Kind::hook, rules.name, fingerprint_of(rules)},
                   is_error ? allowed() : decision};
  if (--missing_ == 0) answer_->set(verdict());
}

Verdict Round::verdict() const {
  Grant grant{.path = question_.path, .identity = decisions_.front().identity};
  std::string path;
  for (const auto& [identity, decision] : decisions_) {
    if (&identity != &decisions_.front().identity) {
      grant.identity.name += "+" + identity.name;
      grant.identity.fingerprint = grant.identity.fingerprint * 31 + identity.fingerprint;
    }
    if (grant.user.empty()) grant.user = decision.user;
    grant.expires = std::min(grant.expires, decision.expires);
    if (decision.path.empty()) continue;
    if (!path.empty() && path != decision.path)
      return Refusal{Refusal::Kind::unavailable,
                     fmt::format("call-backs {} name different streams", grant.identity.name)};
    path = decision.path;
  }
  if (!path.empty()) grant.path = path;
  return grant;
}

}  // namespace

struct HookSet::Shown {
  std::atomic<std::uint32_t> events = 0;  // of all rules, as bits
  std::atomic<std::int64_t> patience_ms = 0;
};

struct HookSet::State {
  State(asio::io_context& io, Sender identity, const cli::Log& log, const Clock& clock,
        std::shared_ptr<const net::TlsContext> trust)
      : sender(complete(std::move(identity))),
        client(io, std::move(trust)),
        surroundings{io, client, sender, log, clock} {}

  void ask(const access::Question& question, const Client& who, const VerdictAnswer& answer);
  void tell(const Event& event);
  void prune() {
    std::erase_if(leaving, [](const auto& hook) { return hook->idle(); });
  }

  const Sender sender;
  http::Client client;
  const Surroundings surroundings;
  std::vector<std::shared_ptr<Hook>> hooks;
  std::vector<std::shared_ptr<Hook>> leaving;  // replaced, but not yet idle
};

void HookSet::State::ask(const access::Question& question, const Client& who, const VerdictAnswer& answer) {
  prune();
  const auto kind = access::hook_event_of(question.action);
  std::vector<std::shared_ptr<Hook>> asked;
  for (const auto& hook : hooks)
    if (hook->rules().has(kind)) asked.push_back(hook);
  if (asked.empty())
    return answer->set(Refusal{Refusal::Kind::unknown, fmt::format("no call-back is asked about {}",
                                                                   access::name_of(question.action))});
  const auto round = std::make_shared<Round>(question, answer, asked.size());
  for (std::size_t i = 0; i < asked.size(); ++i)
    asked[i]->ask({.kind = kind, .about = question, .client = who},
                  [round, i, &rules = asked[i]->rules()](const Decision& decision) {
                    round->on_decision(i, rules, decision);
                  });
}

void HookSet::State::tell(const Event& event) {
  prune();
  for (const auto& hook : hooks)
    if (hook->rules().has(event.kind)) hook->tell(event);
}

HookSet::HookSet(asio::io_context& io, std::vector<HookRules> rules, Sender sender, const cli::Log& log,
                 const Clock& clock, std::shared_ptr<const net::TlsContext> trust)
    : state_(std::make_shared<State>(io, std::move(sender), log, clock, std::move(trust))),
      shown_(std::make_shared<Shown>()),
      io_(io) {
  replace(std::move(rules));
}

HookSet::~HookSet() = default;

bool HookSet::asks(access::Action action) const {
  const auto kind = access::hook_event_of(action);
  return tells(kind);
}

bool HookSet::tells(HookEvent event) const {
  return (shown_->events >> static_cast<unsigned>(event) & 1U) != 0;
}

void HookSet::replace(std::vector<HookRules> rules) {
  std::vector<std::shared_ptr<Hook>> hooks;
  std::uint32_t events = 0;
  std::chrono::milliseconds patience{0};
  for (HookRules& one : rules) {
    events |= static_cast<std::uint32_t>(one.events.to_ulong());
    patience = std::max(patience, one.timeout);
    auto& had = state_->hooks;
    const auto same =
        std::find_if(had.begin(), had.end(), [&](const auto& hook) { return hook->rules() == one; });
    if (same != had.end()) {
      hooks.push_back(std::move(*same));
      had.erase(same);
    } else {
      hooks.push_back(std::make_shared<Hook>(state_->surroundings, std::move(one)));
    }
  }
  state_->leaving.insert(state_->leaving.end(), state_->hooks.begin(), state_->hooks.end());
  state_->hooks = std::move(hooks);
  state_->prune();
  shown_->events = events;
  shown_->patience_ms = (patience + patience_more).count();
}

asio::awaitable<Verdict> HookSet::ask(access::Question question, Client client) {
  const auto answer = std::make_shared<net::Answer<Verdict>>(co_await asio::this_coro::executor);
  const std::chrono::milliseconds patience(shown_->patience_ms);
  if (client.id.empty()) client.id = net::random_id();
  auto ask_there = [weak = std::weak_ptr(state_), question = std::move(question), client = std::move(client),
                    answer] {
    if (const auto state = weak.lock()) state->ask(question, client, answer);
  };
  asio::post(io_, std::move(ask_there));
  auto verdict = co_await answer->wait(patience);
  if (verdict) co_return *std::move(verdict);
  co_return Refusal{Refusal::Kind::unavailable, "no call-back answers"};
}

void HookSet::tell(Event event) {
  if (!tells(event.kind)) return;
  if (event.client.id.empty()) event.client.id = net::random_id();
  asio::post(io_, [weak = std::weak_ptr(state_), event = std::move(event)] {
    if (const auto state = weak.lock()) state->tell(event);
  });
}

std::vector<HookFigures> HookSet::figures() const {
  std::vector<HookFigures> all;
  for (const auto& hook : state_->hooks) all.push_back(hook->figures());
  return all;
}

}  // namespace srs::hooks
