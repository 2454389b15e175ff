// Passwords: hashes by argon2id (RFC 9106) in the usual form, "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH".
//
// To check one takes tens of milliseconds and the memory that its hash states. So it happens on a thread of
// its own, one after another; at most 64 wait. Who was right once is remembered for a while: a player of HLS
// shows its password with each request.
#pragma once

#include <array>
#include <asio/awaitable.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "access/digest.h"
#include "access/secret.h"
#include "core/result.h"

namespace srs::access {

// With a new salt. At most 1,024 bytes.
Result<std::string> hash_password(std::string_view password);
// Errors: not a hash of argon2 that can be checked here within 256 MiB and ten rounds.
Result<void> check_hash(const std::string& hash);
bool is_password_of(const std::string& hash, std::string_view password);

class PasswordChecker {
 public:
  static constexpr std::size_t waiting_max = 64, waiting_of_one_max = 4, remembered_max = 1'000;
  static constexpr std::chrono::minutes remembered_time{5};

  PasswordChecker();
  // Waits for the check that runs. Nobody may be waiting.
  ~PasswordChecker();
  PasswordChecker(const PasswordChecker&) = delete;
  PasswordChecker& operator=(const PasswordChecker&) = delete;

  // Whether it is the hash's password; nothing: too many wait, of all or of who asks, or the wait was
  // cancelled. asker: an address, 0 for those without a limit of their own. Any thread.
  asio::awaitable<std::optional<bool>> check(std::string hash, std::string password, std::uint64_t asker);
  // Whether it was right a while ago. Any thread.
  bool remembers(const std::string& hash, const std::string& password);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Task {
    std::string hash, password;
    std::uint64_t asker;
    std::function<void(std::optional<bool>)> done;
  };

  std::string key_of(const std::string& hash, const std::string& password) const;
  bool remembers(const std::string& key);
  void remember(const std::string& key);
  void run();

  const std::string salt_;  // of this process: what is remembered tells nothing elsewhere
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;
  std::map<std::string, Time> remembered_;  // until when
  bool ending_ = false;
  std::thread thread_;  // from the first check on
};

}  // namespace srs::access
