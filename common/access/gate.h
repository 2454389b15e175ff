// Gate: who may do what. Every server of a tool asks it at one place, before it serves a peer.
//
//     const auto verdict = co_await gate.admit(question);
//     if (!verdict) co_return refuse(verdict.refusal);
//     right_ = gate.hold(question, *verdict.grant, executor, [weak](std::string why) { ... cut off ... });
//
// The rules come from a file that is read again on SIGHUP and when it, or a file that it names, changes; one
// with an error leaves the rules as they were. Rights that are held are asked for again then, and when they
// end.
//
// Refusals are logged and slowed down here, the same for all protocols. Any thread, but for what is said
// otherwise.
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
#include <unordered_set>
#include <vector>

#include "access/access_options.h"
#include "access/guesses.h"
#include "access/password.h"
#include "access/policy_file.h"
#include "access/question.h"
#include "access/seats.h"
#include "cli/log.h"
#include "core/clock.h"
#include "net/timer.h"

namespace srs::access {

// A right while it is used; destroying it gives it back. Move only.
class Right {
 public:
  Right() = default;
  ~Right();
  Right(Right&& other) noexcept = default;
  Right& operator=(Right&& other) noexcept;

 private:
  friend class Gate;
  struct Held;
  struct List;
  explicit Right(std::shared_ptr<Held> held) : held_(std::move(held)) {}

  std::shared_ptr<Held> held_;  // null: there is nothing to hold
};

class Gate {
 public:
  // io: of the main thread, where files are watched. All must outlive it, and it must outlive the coroutines
  // in it.
  Gate(asio::io_context& io, const cli::Log& log, const Clock& clock = system_clock());
  ~Gate();

  // The main thread. Reads the rules; without a file everybody may do everything.
  Result<void> open(const AccessOptions& options);
  // The main thread. Reads them again.
  void reload();
  // The main thread. Ends the watch, so that io_context::run() may return.
  void close() { watch_.cancel(); }

  bool has_rules() const { return has_rules_; }

  // Refusals are logged. May wait: for a password to be checked, or as long as guessing is slowed down.
  asio::awaitable<Verdict> admit(Question question);
  // The same if nothing has to be waited for; nothing: admit() is needed.
  std::optional<Verdict> admit_now(const Question& question);

  // Keeps a right that was granted. on_end is called once on `executor`, if it ends before the Right is
  // destroyed; destroy that on the executor's thread.
  Right hold(Question question, const Grant& grant, const asio::any_io_executor& executor,
             std::function<void(const std::string& why)> on_end);
  std::size_t held() const;

  struct Counters {
    std::uint64_t granted = 0, ended = 0, reloads = 0, bad_reloads = 0;
    std::array<std::uint64_t, 6> refused{};  // by Refusal::Kind
  };
  Counters figures() const;

 private:
  std::shared_ptr<const Policy> policy() const;
  asio::awaitable<Verdict> check_password(const Policy& policy, const Question& question, const User& user);
  Verdict open_to_all(const Question& question);
  Verdict note(const Question& question, Verdict verdict);
  Result<void> read();
  std::shared_ptr<JwksSource> source_of(const std::string& from);
  void watch();
  std::string state_of_files() const;
  void check_rights(bool all);
  static void end(const std::shared_ptr<Right::Held>& held, const std::string& why);

  asio::io_context& io_;
  const cli::Log& log_;
  const Clock& clock_;
  std::string file_;
  bool has_rules_ = false;
  mutable std::mutex mutex_;  // of policy_ and figures_
  std::shared_ptr<const Policy> policy_;
  Counters figures_;
  std::map<std::string, std::weak_ptr<JwksSource>> sources_;  // by where their keys come from
  std::vector<std::string> files_;
  std::string seen_;  // state_of_files() when they were read
  net::Timer watch_;
  Guesses guesses_;
  std::optional<Seats> seats_;  // none: without limits
  PasswordChecker passwords_;
  const std::shared_ptr<Right::List> rights_;
};

}  // namespace srs::access
