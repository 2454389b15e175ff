#include "registry/registry.h"

#include <asio/post.hpp>
#include <ctime>
#include <utility>

#include "net/url_display.h"

namespace srs::registry {
namespace {

constexpr std::chrono::seconds cache_time{1};
constexpr std::chrono::seconds max_wait{1};
constexpr std::chrono::milliseconds leave_timeout{500};
constexpr std::chrono::minutes report_again_after{5};
constexpr std::size_t max_reported = 8;
constexpr std::size_t max_cached = 4096;
constexpr std::size_t max_waiting = 1024;

}  // namespace

Registry::Registry(asio::io_context& io, Options options, const cli::Log& log)
    : io_(io),
      options_(std::move(options)),
      log_(log),
      thread_(std::make_shared<RegistryThread>(io, options_.server, options_.node, options_.ttl)) {
  thread_->start(*this);
}

Registry::~Registry() {
  thread_->leave(leave_timeout);
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
  const auto known = cache_.find(path);
  if (known != cache_.end()) uses_.splice(uses_.begin(), uses_, known->second.use);
  const bool is_fresh = known != cache_.end() && now - known->second.learnt_at < cache_time;
  if (is_fresh || away_ || closed_) return reply(std::move(done), last_known(path));

  if (const auto found = waiting_.find(path); found != waiting_.end())
    return found->second->callbacks.push_back(std::move(done));
  if (waiting_.size() >= max_waiting) return reply(std::move(done), last_known(path));
  const auto waiting = std::make_shared<Waiting>(Waiting{{}, asio::steady_timer(io_, max_wait)});
  waiting->callbacks.push_back(std::move(done));
  // Once it is released, we may be gone as well.
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
  if (!holders.empty() || !may_have_forgotten(path)) store(path, std::move(holders));
  serve_waiting(path);
}

// A Redis that is back may have lost everything. Until all nodes have announced their streams again, an empty
// answer does not replace an earlier one.
bool Registry::may_have_forgotten(const std::string& path) const {
  const auto known = cache_.find(path);
  return known != cache_.end() && known->second.learnt_at < connected_at_ &&
         Clock::now() - connected_at_ < options_.ttl;
}

void Registry::on_connected() {
  connected_at_ = Clock::now();
  if (std::exchange(reported_away_, false))
    log_.info("registry {}: is back", net::display_url(options_.server.url));
  state_.connected = true;
  state_.last_error.clear();
  away_ = false;
}

void Registry::on_away(const Error& error) {
  away_ = true;
  state_.connected = false;
  state_.last_error = error.message;
  // Not at every try, and not each time it comes and goes.
  const auto now = Clock::now();
  std::erase_if(reported_, [&](const auto& entry) { return now - entry.second > report_again_after; });
  if (reported_.size() >= max_reported || !reported_.emplace(error.message, now).second) return;
  reported_away_ = true;
  log_.warning("registry {}: {}: the last known answers are used until it is back",
               net::display_url(options_.server.url), error.message);
}

std::vector<Holder> Registry::last_known(const std::string& path) const {
  const auto known = cache_.find(path);
  return known == cache_.end() ? std::vector<Holder>() : known->second.holders;
}

void Registry::store(const std::string& path, std::vector<Holder> holders) {
  auto known = cache_.find(path);
  if (known == cache_.end()) {
    if (cache_.size() >= max_cached) {
      cache_.erase(uses_.back());
      uses_.pop_back();
    }
    uses_.push_front(path);
    known = cache_.emplace(path, CacheEntry{{}, {}, uses_.begin()}).first;
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
  for (Done& done : waiting->callbacks) reply(std::move(done), last_known(path));
}

// Always posted, so that nobody is called back while calling find().
void Registry::reply(Done done, std::vector<Holder> holders) {
  asio::post(io_,
             [alive = std::weak_ptr(alive_), done = std::move(done), holders = std::move(holders)]() mutable {
               if (!alive.expired()) done(std::move(holders));
             });
}

}  // namespace srs::registry
