// Gate: who may do what. Every server of a tool asks it at one place, before it serves a peer.
//
//     const auto verdict = co_await gate.admit(question, client);
//     if (!verdict) co_return refuse(verdict.refusal);
//     right_ = gate.hold(question, client, *verdict.grant, executor, [weak](const std::string& why) { ... cut
//     off ... });
//
// Rules decide first; call-backs may refuse what they allow, and decide about those whom the rules do not
// know; then the limits count. The rules come from a file that is read again on SIGHUP and when it, or a file
// that it names, changes; one with an error leaves the rules as they were. Rights that are held are asked for
// again then, and when they end.
//
// Refusals are logged and slowed down here, and everything goes to the audit, the same for all protocols. Any
// thread, but for what is said otherwise.
#pragma once

#include <array>
#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/password.h"
#include "access/policy_file.h"
#include "access/question.h"
#include "audit/audit.h"
#include "cli/log.h"
#include "core/clock.h"
#include "gate/gate_options.h"
#include "gate/guesses.h"
#include "gate/held_right.h"
#include "gate/refusal_budget.h"
#include "gate/right.h"
#include "gate/seats.h"
#include "hooks/hook_set.h"
#include "net/file_state.h"
#include "net/timer.h"
#include "net/tls_context.h"

namespace srs::gate {

class Gate {
 public:
  // io: of the main thread, where files are watched. All must outlive it, and it must outlive the coroutines
  // in it.
  Gate(asio::io_context& io, const cli::Log& log, const Clock& clock = system_clock());
  ~Gate();
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // Whom call-backs and sources of keys trust for https, from the next open() on; null: the system's
  // authorities.
  void set_trust(std::shared_ptr<const net::TlsContext> trust) { trust_ = std::move(trust); }
  // The main thread. Reads the rules; without a file everybody may do everything. writer: who writes the
  // audit.
  Result<void> open(const GateOptions& options, audit::Writer writer);
  // The main thread. Reads them again, and opens the audit's file again.
  void reload();
  // The main thread. Ends the watch, so that io_context::run() may return.
  void close() { watch_.cancel(); }

  bool has_rules() const { return has_rules_; }

  // Refusals are logged. May wait: for a password to be checked, for call-backs, or as long as guessing is
  // slowed down.
  asio::awaitable<access::Verdict> admit(access::Question question, hooks::Client client);

  // Keeps a right that was granted. on_end is called once on `executor`, if it ends before the Right is
  // destroyed; destroy that on the executor's thread.
  Right hold(access::Question question, hooks::Client client, const access::Grant& grant,
             const asio::any_io_executor& executor, std::function<void(const std::string& why)> on_end);
  std::size_t held() const;

  // Null: there is none.
  audit::Audit* audit() const { return audit_.get(); }

  struct Counters {
    std::uint64_t granted = 0, ended = 0, reloads = 0, bad_reloads = 0;
    std::array<std::uint64_t, 6> refused{};  // by Refusal::Kind
  };
  Counters figures() const;
  // The main thread.
  std::vector<hooks::HookFigures> hook_figures() const;

 private:
  std::shared_ptr<const access::Policy> policy() const;
  asio::awaitable<access::Verdict> decide(const access::Question& question, const hooks::Client& client);
  asio::awaitable<access::Verdict> decide_by_rules(const access::Policy& policy,
                                                   const access::Question& question);
  asio::awaitable<access::Verdict> ask_hooks(access::Question question, const hooks::Client& client,
                                             access::Verdict by_rules);
  asio::awaitable<void> slow_down(const access::Question& question);
  access::Verdict note(const access::Question& question, const hooks::Client& client,
                       access::Verdict verdict);
  void refuse(const access::Question& question, const access::Refusal& refusal);
  void write(audit::Kind kind, const access::Question& question, const access::Grant& grant,
             std::string reason, const Stay* ended = nullptr) const;
  void on_stay_ended(const Stay& stay);
  Result<void> read();
  Result<std::shared_ptr<access::JwksSource>> source_of(const std::string& from);
  void watch();
  std::vector<net::FileState> state_of_files() const;
  void check_rights(bool all);
  asio::awaitable<void> ask_again(std::shared_ptr<HeldRight> held);
  void end(const std::shared_ptr<HeldRight>& held, const std::string& why);

  asio::io_context& io_;
  const cli::Log& log_;
  const Clock& clock_;
  std::shared_ptr<const net::TlsContext> trust_;
  std::string file_;
  bool has_rules_ = false;
  std::unique_ptr<audit::Audit> audit_;  // null: none
  hooks::Sender sender_;
  std::optional<hooks::HookSet> hooks_;  // with rules
  mutable std::mutex mutex_;             // of policy_ and figures_
  std::shared_ptr<const access::Policy> policy_;
  Counters figures_;
  std::map<std::string, std::weak_ptr<access::JwksSource>> sources_;  // by where their keys come from
  std::vector<std::string> files_;
  std::vector<net::FileState> seen_;  // state_of_files() when they were read
  net::Timer watch_;
  unsigned watched_ = 0;  // how often
  Guesses guesses_;
  RefusalBudget refusals_;      // in the audit
  std::optional<Seats> seats_;  // none: without limits
  access::PasswordChecker passwords_;
  const std::shared_ptr<RightList> rights_;
};

}  // namespace srs::gate
