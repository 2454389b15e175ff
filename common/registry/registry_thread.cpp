#include "registry/registry_thread.h"

#include <algorithm>
#include <asio/post.hpp>
#include <thread>
#include <utility>

#include "core/block_signals.h"
#include "registry/holder.h"

namespace srs::registry {
namespace {

constexpr std::chrono::milliseconds first_backoff{200};
// Commands in one batch; the answer to each has a few kilobytes at most.
constexpr std::size_t max_batch = 64;
// Further look-ups fail at once: the server is too slow for us.
constexpr std::size_t max_look_ups = 1024;

// KEYS[1] is the set of the nodes that have the stream. Each node has a key of its own with a TTL; nodes
// whose key is gone are gone. Node ids have no ':', so that no path results in another node's key. ARGV: end
// of the nodes' keys, most holders, most bytes of each.
constexpr std::string_view look_up_script = R"(
local found = {}
for _, node in ipairs(redis.call('SRANDMEMBER', KEYS[1], 16)) do
  local value = redis.call('GETRANGE', 'srs:holder:' .. node .. ARGV[1], 0, ARGV[3] - 1)
  if value == '' then redis.call('SREM', KEYS[1], node)
  elseif #found < tonumber(ARGV[2]) then found[#found + 1] = value end
end
return found)";

// KEYS: the set, the node's own. ARGV: node, value, TTL in ms. The set outlives the keys of all its nodes.
constexpr std::string_view announce_script = R"(
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < 2 * ARGV[3] then redis.call('PEXPIRE', KEYS[1], 2 * ARGV[3]) end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1)";

// KEYS: the set, the node's own. ARGV: node, value. Another process may have taken over the node's name
// since: then the key is left to that process.
constexpr std::string_view withdraw_script = R"(
if redis.call('GET', KEYS[2]) ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[2])
return redis.call('SREM', KEYS[1], ARGV[1]))";

Redis::Command script(std::string_view text, const std::vector<std::string>& keys,
                      std::vector<std::string> arguments) {
  Redis::Command command{"EVAL", std::string(text), std::to_string(keys.size())};
  command.insert(command.end(), keys.begin(), keys.end());
  for (std::string& argument : arguments) command.push_back(std::move(argument));
  return command;
}

}  // namespace

RegistryThread::RegistryThread(asio::io_context& io, RedisServer server, std::string node,
                               std::chrono::milliseconds ttl)
    : server_(std::move(server)), node_(std::move(node)), ttl_(ttl), io_(&io), backoff_(first_backoff) {}

void RegistryThread::start(Listener& listener) {
  listener_ = &listener;
  std::thread(&RegistryThread::run, shared_from_this()).detach();
}

void RegistryThread::leave(std::chrono::milliseconds timeout) {
  withdraw_all();
  std::unique_lock lock(mutex_);
  look_ups_.clear();
  leaving_ = true;
  wake_.notify_all();
  wake_.wait_for(lock, timeout, [&] { return done_; });
  io_ = nullptr;
  listener_ = nullptr;
}

bool RegistryThread::announce(const std::string& path, std::string value) {
  const std::lock_guard lock(mutex_);
  const bool is_new = !announced_.contains(path);
  // If Redis is away, all of announced_ is announced when it is back.
  if (connected_) changes_.push_back({path, value, false});
  announced_[path] = std::move(value);
  wake_.notify_all();
  return is_new;
}

bool RegistryThread::withdraw(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = announced_.find(path);
  if (found == announced_.end()) return false;
  // If Redis is away, the TTL expires.
  if (connected_) changes_.push_back({path, std::move(found->second), true});
  announced_.erase(found);
  wake_.notify_all();
  return true;
}

void RegistryThread::withdraw_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [path, value] : announced_)
    if (connected_) changes_.push_back({path, std::move(value), true});
  announced_.clear();
  wake_.notify_all();
}

void RegistryThread::look_up(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (look_ups_.size() >= max_look_ups)
    return asio::post(*io_, [self = shared_from_this(), path] {
      if (self->listener_) self->listener_->on_answer(path, std::nullopt);
    });
  look_ups_.push_back(path);
  wake_.notify_all();
}

void RegistryThread::run(std::shared_ptr<RegistryThread> self) {
  block_signals();  // SIGPIPE too
  self->work();
  const std::lock_guard lock(self->mutex_);
  self->done_ = true;
  self->wake_.notify_all();
}

void RegistryThread::work() {
  while (wait_for_work()) {
    pop_work();
    const bool was_connected = redis_.has_value();
    if (was_connected || Clock::now() >= next_try_) {
      auto done = do_work();
      // A connection may have been closed long ago, which only shows when it is used.
      if (!done && was_connected) done = do_work();
      if (!done) on_failure(done.error());
    }
    fail_look_ups();
  }
}

// False: time to leave, and all that could be done is done.
bool RegistryThread::wait_for_work() {
  std::unique_lock lock(mutex_);
  const auto due = redis_ ? renewal_at_ : next_try_;
  wake_.wait_until(lock, due, [&] { return leaving_ || !look_ups_.empty() || !changes_.empty(); });
  return !leaving_ || (redis_ && !changes_.empty());
}

void RegistryThread::pop_work() {
  const std::lock_guard lock(mutex_);
  current_look_ups_.clear();
  while (!look_ups_.empty() && current_look_ups_.size() < max_batch) {
    current_look_ups_.push_back(std::move(look_ups_.front()));
    look_ups_.pop_front();
  }
  current_changes_.clear();
  while (!changes_.empty() && current_changes_.size() < max_batch) {
    current_changes_.push_back(std::move(changes_.front()));
    changes_.pop_front();
  }
}

// Doing all of it twice does no harm.
Result<void> RegistryThread::do_work() {
  const bool is_new = !redis_;
  auto answers = connect_and_run();
  if (!answers) {
    redis_.reset();
    return std::move(answers).error();
  }
  backoff_ = first_backoff;
  if (is_new) post([](Listener& listener) { listener.on_connected(); });
  for (std::size_t i = 0; i < current_look_ups_.size(); ++i)
    post([path = current_look_ups_[i], values = std::move((*answers)[i])](Listener& listener) {
      listener.on_answer(path, values);
    });
  current_look_ups_.clear();
  current_changes_.clear();
  return {};
}

// Runs the changes, then what is due for renewal, then the look-ups. Returns the answers to the look-ups.
Result<std::vector<Redis::Answer>> RegistryThread::connect_and_run() {
  if (auto connected = connect(); !connected) return std::move(connected).error();
  std::vector<Redis::Command> commands;
  for (const Change& change : current_changes_) commands.push_back(command_of(change));
  if (auto changed = redis_->run(commands); !changed) return changed;
  if (auto renewed = renew(); !renewed) return std::move(renewed).error();
  commands.clear();
  for (const std::string& path : current_look_ups_)
    commands.push_back(script(look_up_script, {"srs:stream:" + path},
                              {":" + path, std::to_string(max_holders), std::to_string(max_holder_bytes)}));
  return redis_->run(commands);
}

Result<void> RegistryThread::connect() {
  if (redis_) return {};
  auto opened = Redis::open(server_);
  if (!opened) return std::move(opened).error();
  redis_.emplace(*std::move(opened));
  renewal_at_ = {};  // all, at once: this server may not know us
  const std::lock_guard lock(mutex_);
  connected_ = true;
  return {};
}

Result<void> RegistryThread::renew() {
  if (Clock::now() < renewal_at_) return {};
  std::vector<Change> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, value] : announced_) all.push_back({path, value, false});
  }
  std::vector<Redis::Command> commands;
  for (std::size_t i = 0; i <= all.size(); ++i) {
    // The last command checks that the server is there, even if there is nothing to renew.
    commands.push_back(i < all.size() ? command_of(all[i]) : Redis::Command{"PING"});
    if (i < all.size() && commands.size() < max_batch) continue;
    auto answers = redis_->run(std::exchange(commands, {}));
    if (!answers) return std::move(answers).error();
  }
  renewal_at_ = Clock::now() + ttl_ / 3;
  return {};
}

void RegistryThread::on_failure(const Error& error) {
  redis_.reset();
  next_try_ = Clock::now() + backoff_;
  backoff_ = std::min(2 * backoff_, std::max(ttl_ / 3, first_backoff));
  {
    const std::lock_guard lock(mutex_);
    connected_ = false;
    changes_.clear();  // see announce() and withdraw()
  }
  post([error](Listener& listener) { listener.on_away(error); });
}

void RegistryThread::fail_look_ups() {
  for (const std::string& path : current_look_ups_)
    post([path](Listener& listener) { listener.on_answer(path, std::nullopt); });
  current_look_ups_.clear();
}

Redis::Command RegistryThread::command_of(const Change& change) const {
  const std::vector<std::string> keys{"srs:stream:" + change.path, "srs:holder:" + node_ + ":" + change.path};
  if (change.is_withdrawal) return script(withdraw_script, keys, {node_, change.value});
  return script(announce_script, keys, {node_, change.value, std::to_string(ttl_.count())});
}

// Under the mutex, so that the io_context stays alive meanwhile.
void RegistryThread::post(std::function<void(Listener&)> event) {
  const std::lock_guard lock(mutex_);
  if (io_ == nullptr) return;
  asio::post(*io_, [self = shared_from_this(), event = std::move(event)] {
    if (self->listener_) event(*self->listener_);
  });
}

}  // namespace srs::registry
