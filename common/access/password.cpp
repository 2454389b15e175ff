#include "access/password.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <asio/this_coro.hpp>
#include <cctype>
#include <charconv>
#include <memory>

#include "core/block_signals.h"
#include "net/answer.h"
#include "net/random_id.h"

namespace srs::access {
namespace {

// The first choice of OWASP's password storage cheat sheet that takes less than 20 MiB.
constexpr std::uint32_t rounds = 2, memory_kib = 19 * 1024, lanes = 1;
constexpr std::size_t salt_bytes = 16, hash_bytes = 32, max_password_bytes = 1024, max_hash_text = 512;
constexpr std::uint32_t max_rounds = 10, max_memory_kib = 256 * 1024, max_lanes = 8;

// The number behind "m=" in "$argon2id$v=19$m=19456,t=2,p=1$..."; 0: there is none.
std::uint32_t parameter(std::string_view hash, std::string_view name) {
  const auto at = hash.find(name);
  if (at == hash.npos) return 0;
  std::uint32_t value = 0;
  const char* const begin = hash.data() + at + name.size();
  return std::from_chars(begin, hash.data() + hash.size(), value).ec == std::errc() ? value : 0;
}

}  // namespace

Result<std::string> hash_password(std::string_view password) {
  if (password.empty()) return Error{Errc::usage, "the password is empty"};
  if (password.size() > max_password_bytes) return Error{Errc::usage, "a password of more than 1,024 bytes"};
  const std::string salt = net::random_bytes(salt_bytes);
  std::string text(::argon2_encodedlen(rounds, memory_kib, lanes, salt_bytes, hash_bytes, Argon2_id), '\0');
  const int result = ::argon2id_hash_encoded(rounds, memory_kib, lanes, password.data(), password.size(),
                                             salt.data(), salt.size(), hash_bytes, text.data(), text.size());
  if (result != ARGON2_OK) return Error{Errc::io, ::argon2_error_message(result)};
  text.resize(text.find('\0'));
  return text;
}

Result<void> check_hash(const std::string& hash) {
  const Error wrong{Errc::usage, "not a hash of argon2: make one with srs-relay --hash-password"};
  if (!hash.starts_with("$argon2id$") || hash.size() > max_hash_text) return wrong;
  const std::uint32_t memory = parameter(hash, "$m="), time = parameter(hash, ",t="),
                      p = parameter(hash, ",p=");
  if (memory == 0 || time == 0 || p == 0) return wrong;
  if (memory > max_memory_kib || time > max_rounds || p > max_lanes)
    return Error{Errc::usage, "a hash that costs more than 256 MiB, ten rounds or eight lanes to check"};
  // "", "argon2id", "v=19", the costs, the salt and the hash in base64.
  if (std::count(hash.begin(), hash.end(), '$') != 5) return wrong;
  const std::string_view encoded = std::string_view(hash).substr(hash.find('$', hash.find(",p=")));
  const bool is_base64 = std::all_of(encoded.begin(), encoded.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '/' || c == '$';
  });
  return is_base64 && !encoded.ends_with('$') ? Result<void>() : wrong;
}

bool is_password_of(const std::string& hash, std::string_view password) {
  if (password.size() > max_password_bytes) return false;
  return ::argon2id_verify(hash.c_str(), password.data(), password.size()) == ARGON2_OK;
}

PasswordChecker::PasswordChecker() : salt_(net::random_bytes(salt_bytes)) {}

PasswordChecker::~PasswordChecker() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    tasks_.clear();
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::string PasswordChecker::key_of(const std::string& hash, const std::string& password) const {
  return digest_of(Digest::sha256, salt_ + hash + '\0' + password);
}

bool PasswordChecker::remembers(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(key);
  if (found == remembered_.end()) return false;
  if (found->second > std::chrono::steady_clock::now()) return true;
  remembered_.erase(found);
  return false;
}

void PasswordChecker::remember(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (remembered_.size() >= remembered_max)
    std::erase_if(remembered_, [&](const auto& one) { return one.second <= now; });
  if (remembered_.size() >= remembered_max) remembered_.erase(remembered_.begin());
  remembered_[key] = now + remembered_time;
}

bool PasswordChecker::remembers(const std::string& hash, const std::string& password) {
  return remembers(key_of(hash, password));
}

asio::awaitable<std::optional<bool>> PasswordChecker::check(std::string hash, std::string password,
                                                            std::uint64_t asker) {
  const std::string key = key_of(hash, password);
  if (remembers(key)) co_return true;
  const auto answer = std::make_shared<net::Answer<std::optional<bool>>>(co_await asio::this_coro::executor);
  {
    const std::lock_guard lock(mutex_);
    const auto of_asker =
        std::count_if(tasks_.begin(), tasks_.end(), [&](const Task& task) { return task.asker == asker; });
    const bool too_many = asker != 0 && static_cast<std::size_t>(of_asker) >= waiting_of_one_max;
    if (tasks_.size() >= waiting_max || too_many || ending_) co_return std::nullopt;
    tasks_.push_back({std::move(hash), std::move(password), asker,
                      [answer](std::optional<bool> right) { answer->set(right); }});
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
  }
  changed_.notify_one();
  const auto right = co_await answer->wait();
  co_return right ? *right : std::nullopt;
}

void PasswordChecker::run() {
  block_signals();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
    if (ending_) return;
    const Task task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    const bool right = is_password_of(task.hash, task.password);
    if (right) remember(key_of(task.hash, task.password));
    task.done(right);
    lock.lock();
  }
}

}  // namespace srs::access
