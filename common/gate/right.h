// Right: what was granted, while it is used. Destroying it gives it back.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "access/question.h"
#include "hooks/event.h"

namespace srs::gate {

// Move only. Belongs to the thread of the executor that it was held with.
class Right {
 public:
  Right() = default;
  ~Right();
  Right(Right&& other) noexcept = default;
  Right& operator=(Right&& other) noexcept;

  // For the audit and call-backs, before it is destroyed: how much was sent or received, and why it ended.
  void note_end(std::uint64_t bytes, std::string why);

 private:
  friend class Gate;
  struct Held;
  struct List;
  explicit Right(std::shared_ptr<Held> held) : held_(std::move(held)) {}

  std::shared_ptr<Held> held_;  // null: there is nothing to hold
};

// Its owner's thread has on_end, bytes and why; the gate has the rest, under the list's lock.
struct Right::Held {
  access::Question question;  // what was shown for it only if it is to be asked for again
  hooks::Client client;
  access::Grant grant;
  asio::any_io_executor executor;
  std::function<void(const std::string& why)> on_end;
  std::weak_ptr<List> list;
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  bool asking = false;  // a call-back is asked again
  bool ended = false;   // its owner has been told
  std::uint64_t bytes = 0;
  std::string why;
};

struct Right::List {
  std::mutex mutex;
  std::unordered_set<std::shared_ptr<Held>> all;
  // A right was given back; called under the lock, on any thread. Empty once the gate is gone.
  std::function<void(const Held&)> on_given_back;
};

}  // namespace srs::gate
