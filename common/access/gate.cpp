#include "access/gate.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

namespace srs::access {
namespace {

constexpr std::chrono::seconds watch_interval{1};

}  // namespace

// Its owner's thread has on_end; the gate has the rest, under the list's lock.
struct Right::Held {
  Question question;  // without what was shown for it
  Grant grant;
  asio::any_io_executor executor;
  std::function<void(const std::string&)> on_end;
  std::weak_ptr<List> list;
};

struct Right::List {
  mutable std::mutex mutex;
  std::unordered_set<std::shared_ptr<Held>> all;
};

Right::~Right() {
  if (!held_) return;
  held_->on_end = nullptr;
  const auto list = held_->list.lock();
  if (!list) return;
  const std::lock_guard lock(list->mutex);
  list->all.erase(held_);
}

Right& Right::operator=(Right&& other) noexcept {
  std::swap(held_, other.held_);
  return *this;
}

Gate::Gate(asio::io_context& io, const cli::Log& log, const Clock& clock)
    : io_(io), log_(log), clock_(clock), watch_(io, clock), rights_(std::make_shared<Right::List>()) {}

Gate::~Gate() = default;

Result<void> Gate::open(const AccessOptions& options) {
  if (options.seats.any()) seats_.emplace(options.seats);
  if (!options.wanted()) return {};
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

Result<void> Gate::read() {
  seen_ = state_of_files();
  auto file = read_policy(file_, [this](const std::string& from) { return source_of(from); });
  if (!file) return std::move(file).error();
  files_ = std::move(file->files);
  seen_ = state_of_files();
  const std::lock_guard lock(mutex_);
  policy_ = std::move(file->policy);
  return {};
}

// Policies share the sources, and any thread may be the last to have one; who destroys it has to be the main
// thread.
std::shared_ptr<JwksSource> Gate::source_of(const std::string& from) {
  std::erase_if(sources_, [](const auto& one) { return one.second.expired(); });
  if (auto known = sources_[from].lock()) return known;
  const auto report = [&log = log_, from](const std::string& line) { log.warning("{}: {}", from, line); };
  auto made = std::make_unique<JwksSource>(io_, JwksOptions{.from = from}, report, clock_);
  made->start();
  const std::shared_ptr<JwksSource> shared(made.release(), [&io = io_](JwksSource* source) {
    asio::post(io, [owned = std::unique_ptr<JwksSource>(source)] {});
  });
  sources_[from] = shared;
  return shared;
}

void Gate::reload() {
  if (!has_rules_) return;
  for (const auto& [from, source] : sources_)
    if (const auto known = source.lock()) known->reload();
  const auto done = read();
  {
    const std::lock_guard lock(mutex_);
    ++(done ? figures_.reloads : figures_.bad_reloads);
  }
  if (!done) return log_.error("{}: the rules stay as they were", done.error().message);
  log_.info("{}: read again", file_);
  check_rights(true);
}

// Device, inode, size and time of each: what says that a file is another one.
std::string Gate::state_of_files() const {
  std::string state;
  for (const std::string& file : files_.empty() ? std::vector<std::string>{file_} : files_) {
    struct stat found {};
    if (::stat(file.c_str(), &found) != 0) found = {};
    state += fmt::format("{}:{}:{}:{}.{};", found.st_dev, found.st_ino, found.st_size, found.st_mtim.tv_sec,
                         found.st_mtim.tv_nsec);
  }
  return state;
}

void Gate::watch() {
  watch_.expires_after(watch_interval);
  watch_.async_wait([this](const asio::error_code& cancelled) {
    if (cancelled) return;
    if (state_of_files() != seen_)
      reload();
    else
      check_rights(false);
    watch();
  });
}

std::optional<Verdict> Gate::admit_now(const Question& question) {
  const auto policy = this->policy();
  if (!policy) return note(question, open_to_all(question));
  if (question.credentials.any() && guesses_.delay(address_of(question.address), clock_.steady()).count() > 0)
    return std::nullopt;
  auto decision = policy->decide(question, clock_.utc());
  if (!decision.verdict) return std::nullopt;
  return note(question, *std::move(decision.verdict));
}

asio::awaitable<Verdict> Gate::admit(Question question) {
  const auto policy = this->policy();
  if (!policy) co_return note(question, open_to_all(question));
  const auto delay = question.credentials.any()
                         ? guesses_.delay(address_of(question.address), clock_.steady())
                         : std::chrono::milliseconds(0);
  if (delay.count() > 0) {
    asio::steady_timer timer(co_await asio::this_coro::executor, delay);
    co_await timer.async_wait(asio::use_awaitable);
  }
  auto decision = policy->decide(question, clock_.utc());
  if (decision.verdict) co_return note(question, *std::move(decision.verdict));
  auto verdict = co_await check_password(*policy, question, *decision.user);
  co_return note(question, std::move(verdict));
}

asio::awaitable<Verdict> Gate::check_password(const Policy& policy, const Question& question,
                                              const User& user) {
  const auto right = co_await passwords_.check(user.hash, question.credentials.password);
  if (!right) co_return Refusal{Refusal::Kind::unavailable, "too many passwords wait to be checked"};
  if (!*right) co_return Refusal{Refusal::Kind::wrong, "wrong password"};
  co_return policy.decide_user(question, user, clock_.utc());
}

Verdict Gate::open_to_all(const Question& question) {
  return Grant{question.path, {}, question.credentials.user, never};
}

// A name that nobody knows may be a key that was mistyped.
Verdict Gate::note(const Question& question, Verdict verdict) {
  if (verdict && question.stays && seats_) {
    auto seat = seats_->take(question, *verdict.grant);
    if (seat)
      verdict.grant->seat = *std::move(seat);
    else
      verdict = Refusal{Refusal::Kind::too_many, seat.error().message};
  }
  {
    const std::lock_guard lock(mutex_);
    ++(verdict ? figures_.granted : figures_.refused[static_cast<std::size_t>(verdict.refusal.kind)]);
  }
  if (verdict) return verdict;
  if (verdict.refusal.kind == Refusal::Kind::wrong)
    guesses_.wrong(address_of(question.address), clock_.steady());
  const auto policy = this->policy();
  const bool hidden = question.action == Action::publish && policy && policy->names_may_be_keys();
  const std::string what = question.path.empty() || hidden ? "" : question.path + ": ";
  log_.warning_by({"refused", question.address}, "{}{} by {} over {} refused: {}", what,
                  name_of(question.action), question.address, question.protocol, verdict.refusal.why);
  return verdict;
}

Right Gate::hold(Question question, const Grant& grant, const asio::any_io_executor& executor,
                 std::function<void(const std::string& why)> on_end) {
  if (!has_rules_ && !grant.seat) return {};
  question.credentials = {};
  question.path = grant.path;
  auto held = std::make_shared<Right::Held>();
  *held = {std::move(question), grant, executor, std::move(on_end), rights_};
  {
    const std::lock_guard lock(rights_->mutex);
    rights_->all.insert(held);
  }
  if (!has_rules_) return Right(std::move(held));
  // The rules may have changed since it was granted.
  if (const Verdict verdict = policy()->decide_again(held->question, grant, clock_.utc()); !verdict)
    end(held, verdict.refusal.why);
  return Right(std::move(held));
}

void Gate::end(const std::shared_ptr<Right::Held>& held, const std::string& why) {
  asio::post(held->executor, [held, why] {
    if (held->on_end) std::exchange(held->on_end, nullptr)(why);
  });
}

std::size_t Gate::held() const {
  const std::lock_guard lock(rights_->mutex);
  return rights_->all.size();
}

Gate::Counters Gate::figures() const {
  const std::lock_guard lock(mutex_);
  return figures_;
}

// all: the rules have changed; otherwise only those whose time is over.
void Gate::check_rights(bool all) {
  const auto policy = this->policy();
  const auto now = clock_.utc();
  std::size_t ended = 0;
  {
    const std::lock_guard lock(rights_->mutex);
    std::erase_if(rights_->all, [&](const std::shared_ptr<Right::Held>& held) {
      if (!all && now < held->grant.expires) return false;
      const Verdict verdict = policy->decide_again(held->question, held->grant, now);
      if (verdict) {
        held->grant.expires = verdict.grant->expires;
        return false;
      }
      ++ended;
      end(held, verdict.refusal.why);
      return true;
    });
  }
  const std::lock_guard lock(mutex_);
  figures_.ended += ended;
}

}  // namespace srs::access
