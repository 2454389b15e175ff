// How the rules are read again, and what becomes of the rights that are held.
#include <fmt/format.h>

#include <asio/post.hpp>

#include "gate/gate.h"
#include "net/spawn.h"

namespace srs::gate {
namespace {

constexpr std::chrono::seconds watch_interval{1};
constexpr unsigned looks_until_all = 60;

}  // namespace

Result<void> Gate::read() {
  seen_ = state_of_files();
  auto file = access::read_policy(file_, [this](const std::string& from) { return source_of(from); });
  if (!file) return std::move(file).error();
  files_ = std::move(file->files);
  seen_ = state_of_files();
  if (hooks_)
    hooks_->replace(std::move(file->hooks));
  else
    hooks_.emplace(io_, std::move(file->hooks), sender_, log_, clock_, trust_);
  const std::lock_guard lock(mutex_);
  policy_ = std::move(file->policy);
  return {};
}

// Policies share the sources, and any thread may be the last to have one; who destroys it has to be the main
// thread.
Result<std::shared_ptr<access::JwksSource>> Gate::source_of(const std::string& from) {
  std::erase_if(sources_, [](const auto& one) { return one.second.expired(); });
  const auto usable =
      [&](std::shared_ptr<access::JwksSource> source) -> Result<std::shared_ptr<access::JwksSource>> {
    const std::string wrong = access::JwksSource::is_url(from) ? "" : source->health_error();
    if (!wrong.empty()) return Error{Errc::usage, wrong};
    return source;
  };
  if (auto known = sources_[from].lock()) return usable(std::move(known));
  const auto report = [&log = log_](const std::string& line) { log.warning("{}", line); };
  auto made = std::make_unique<access::JwksSource>(io_, access::JwksOptions{.from = from, .trust = trust_},
                                                   report, clock_);
  made->start();
  const std::shared_ptr<access::JwksSource> shared(made.release(), [&io = io_](access::JwksSource* source) {
    asio::post(io, [owned = std::unique_ptr<access::JwksSource>(source)] {});
  });
  sources_[from] = shared;
  return usable(shared);
}

void Gate::reload() {
  if (audit_) audit_->reopen();
  if (!has_rules_) return;
  for (const auto& [from, source] : sources_)
    if (const auto known = source.lock()) known->reload();
  const auto done = read();
  {
    const std::lock_guard lock(mutex_);
    ++(done ? figures_.reloads : figures_.bad_reloads);
  }
  audit::Event event;
  event.kind = audit::Kind::reload;
  event.reason = done ? "used" : done.error().message;
  if (audit_) audit_->write(std::move(event));
  if (!done) return log_.error("{}: the rules stay as they were", done.error().message);
  log_.info("{}: read again", file_);
  check_rights(true);
}

std::vector<net::FileState> Gate::state_of_files() const {
  return net::states_of(files_.empty() ? std::vector<std::string>{file_} : files_);
}

void Gate::watch() {
  watch_.expires_after(watch_interval);
  watch_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    if (state_of_files() != seen_)
      reload();
    else
      check_rights(++watched_ % looks_until_all == 0);  // hours begin and end
    watch();
  });
}

// all: the rules or the time have changed; otherwise only those whose time is over. A right that a call-back
// has given is asked for again when it is over.
void Gate::check_rights(bool all) {
  const auto policy = this->policy();
  const auto now = clock_.utc();
  std::vector<std::shared_ptr<HeldRight>> over;
  std::size_t ended = 0;
  {
    const std::lock_guard lock(rights_->mutex);
    for (const auto& held : rights_->all) {
      const bool is_over = now >= held->grant.expires;
      if ((!all && !is_over) || held->asking || held->ended) continue;
      const bool asks = hooks_->asks(held->question.action);
      access::Grant looked_at = held->grant;
      if (is_over && asks) looked_at.expires = access::never;
      const bool lost = held->grant.identity.kind == access::Identity::Kind::hook && !asks;
      const access::Verdict verdict = policy->decide_again(held->question, looked_at, now);
      if (!verdict || lost) {
        ++ended;
        end(held, lost ? "nobody decides about it any more" : verdict.refusal.why);
      } else if (is_over && asks) {
        held->asking = true;
        over.push_back(held);
      } else {
        held->grant.expires =
            asks ? std::min(held->grant.expires, verdict.grant->expires) : verdict.grant->expires;
      }
    }
  }
  for (const auto& held : over) net::spawn(io_.get_executor(), ask_again(held), "call-back", log_);
  const std::lock_guard lock(mutex_);
  figures_.ended += ended;
}

// The rules have been looked at already.
asio::awaitable<void> Gate::ask_again(std::shared_ptr<HeldRight> held) {
  const auto verdict = co_await hooks_->ask(held->question, held->client);
  std::size_t ended = 0;
  {
    const std::lock_guard lock(rights_->mutex);
    held->asking = false;
    if (verdict) {
      held->grant.expires = verdict.grant->expires;
    } else if (!held->ended) {
      end(held, verdict.refusal.why);
      ended = 1;
    }
  }
  const std::lock_guard lock(mutex_);
  figures_.ended += ended;
}

// Its owner destroys it, once it has been told. The list is locked.
void Gate::end(const std::shared_ptr<HeldRight>& held, const std::string& why) {
  held->ended = true;
  write(audit::Kind::kick, held->question, held->grant, why);
  asio::post(held->executor, [held, why] {
    if (!held->on_end) return;
    auto* const stay = static_cast<Stay*>(held->grant.stay.get());
    if (stay != nullptr && stay->why.empty()) stay->why = why;
    std::exchange(held->on_end, nullptr)(why);
  });
}

}  // namespace srs::gate
