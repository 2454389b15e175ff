#include "registry/registry.h"

#include <asio/post.hpp>
#include <ctime>
#include <utility>

#include "net/url_display.h"

namespace srs::registry {
namespace {

constexpr std::chrono::seconds answer_holds{1};
constexpr std::chrono::seconds longest_wait{1};
constexpr std::chrono::milliseconds leaving_patience{500};
constexpr std::chrono::minutes tell_again_after{5};
constexpr std::size_t most_told = 8;
constexpr std::size_t most_known = 4096;
constexpr std::size_t most_waiting = 1024;

}  // namespace

Registry::Registry(asio::io_context& io, Options options, const cli::Log& log)
    : io_(io),
      options_(std::move(options)),
      log_(log),
      thread_(std::make_shared<RegistryThread>(io, options_.server, options_.node, options_.ttl)) {
  thread_->start(*this);
}

Registry::~Registry() {
  thread_->leave(leaving_patience);
}

void Registry::announce(const std::string& path) {
  if (closed_ || options_.urls.empty()) return;
  if (thread_->announce(path, encode({options_.node, options_.urls, std::time(nullptr)}))) ++state_.announced;
}

void Registry::withdraw(const std::string& path) {
  if (thread_->withdraw(path)) --state_.announced;
}

void Registry::close() {
  if (std::exchange(closed_, true)) return;
  thread_->withdraw_all();
  state_.announced = 0;
  while (!waiting_.empty()) serve_waiting(waiting_.begin()->first);
}

void Registry::find(const std::string& path, Done done) {
  const auto now = Clock::now();
  const auto known = known_.find(path);
  if (known != known_.end()) uses_.splice(uses_.begin(), uses_, known->second.use);
  const bool is_fresh = known != known_.end() && now - known->second.learnt_at < answer_holds;
  if (is_fresh || away_ || closed_) return reply(std::move(done), last_known(path));

  if (const auto found = waiting_.find(path); found != waiting_.end())
    return found->second->asked_by.push_back(std::move(done));
  if (waiting_.size() >= most_waiting) return reply(std::move(done), last_known(path));
  const auto waiting = std::make_shared<Waiting>(Waiting{{}, asio::steady_timer(io_, longest_wait)});
  waiting->asked_by.push_back(std::move(done));
  // Once it is no longer held, we may not be there any more either.
  waiting->deadline.async_wait([this, path, held = std::weak_ptr(waiting)](const asio::error_code&) {
    if (!held.expired()) serve_waiting(path);
  });
  waiting_[path] = waiting;
  ++state_.look_ups;
  thread_->look_up(path);
}

void Registry::on_answer(const std::string& path, std::optional<std::vector<std::string>> values) {
  if (!values) {
    ++state_.look_ups_failed;
    return serve_waiting(path);
  }
  std::vector<Holder> holders;
  for (const std::string& value : *values) {
    auto holder = decode_holder(value);
    if (!holder) {
      log_.debug("registry: {}: {}", path, holder.error().message);
    } else if (holder->node != options_.node) {
      holders.push_back(*std::move(holder));
    }
  }
  if (!holders.empty() || !may_have_forgotten(path)) remember(path, std::move(holders));
  serve_waiting(path);
}

// A Redis that is back may know nothing any more. Until all nodes have announced again what they hold, that
// it knows nobody means nothing against what it said before.
bool Registry::may_have_forgotten(const std::string& path) const {
  const auto known = known_.find(path);
  return known != known_.end() && known->second.learnt_at < connected_at_ &&
         Clock::now() - connected_at_ < options_.ttl;
}

void Registry::on_connected() {
  connected_at_ = Clock::now();
  if (std::exchange(absence_told_, false))
    log_.info("registry {}: is back", net::display_url(options_.server.url));
  state_.connected = true;
  state_.last_error.clear();
  away_ = false;
}

void Registry::on_away(const Error& error) {
  away_ = true;
  state_.connected = false;
  state_.last_error = error.message;
  // Not once a try, and not each time it comes and goes.
  const auto now = Clock::now();
  std::erase_if(told_, [&](const auto& entry) { return now - entry.second > tell_again_after; });
  if (told_.size() >= most_told || !told_.emplace(error.message, now).second) return;
  absence_told_ = true;
  log_.warning("registry {}: {}: what was known last holds until it is back",
               net::display_url(options_.server.url), error.message);
}

std::vector<Holder> Registry::last_known(const std::string& path) const {
  const auto known = known_.find(path);
  return known == known_.end() ? std::vector<Holder>() : known->second.holders;
}

void Registry::remember(const std::string& path, std::vector<Holder> holders) {
  auto known = known_.find(path);
  if (known == known_.end()) {
    if (known_.size() >= most_known) {
      known_.erase(uses_.back());
      uses_.pop_back();
    }
    uses_.push_front(path);
    known = known_.emplace(path, Known{{}, {}, uses_.begin()}).first;
  }
  known->second.holders = std::move(holders);
  known->second.learnt_at = Clock::now();
}

void Registry::serve_waiting(const std::string& path) {
  const auto found = waiting_.find(path);
  if (found == waiting_.end()) return;
  const auto waiting = std::move(found->second);
  waiting_.erase(found);
  waiting->deadline.cancel();
  for (Done& done : waiting->asked_by) reply(std::move(done), last_known(path));
}

// Always posted: whoever asks need not expect to be answered while it asks.
void Registry::reply(Done done, std::vector<Holder> holders) {
  asio::post(
      io_, [exists = std::weak_ptr(exists_), done = std::move(done), holders = std::move(holders)]() mutable {
        if (!exists.expired()) done(std::move(holders));
      });
}

}  // namespace srs::registry
