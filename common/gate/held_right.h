// What the gate keeps of rights that are used, and of peers that were admitted. Internal to it.
#pragma once

#include <asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

#include "access/question.h"
#include "hooks/event.h"

namespace srs::gate {

struct RightList;

// A peer that was admitted to publish or play: from then on until the last copy of its grant is gone, whether
// it began to or not. Its end goes to the audit and to call-backs.
struct Stay {
  Stay(access::Question asked, hooks::Client who, access::Grant granted)
      : question(std::move(asked)), client(std::move(who)), grant(std::move(granted)) {
    question.path = grant.path;
    question.credentials = {};
  }
  ~Stay();
  Stay(const Stay&) = delete;
  Stay& operator=(const Stay&) = delete;

  access::Question question;  // with the path that was granted, without what was shown
  const hooks::Client client;
  const access::Grant grant;  // without a stay of its own
  const std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();
  std::weak_ptr<RightList> list{};
  std::shared_ptr<const void> seat{};
  // Of the thread that has the Right.
  std::uint64_t bytes = 0;
  std::string why{};
};

// Its owner's thread has on_end; the gate has the rest, under the list's lock.
struct HeldRight {
  access::Question question;  // what was shown for it only if it is to be asked for again
  hooks::Client client;
  access::Grant grant;
  asio::any_io_executor executor;
  std::function<void(const std::string& why)> on_end;
  std::weak_ptr<RightList> list;
  bool asking = false;  // a call-back is asked again
  bool ended = false;   // its owner has been told
};

struct RightList {
  std::mutex mutex;
  std::unordered_set<std::shared_ptr<HeldRight>> all;
  // A stay has ended; on any thread, under a lock of its own. Empty once the gate is gone.
  std::mutex ending;
  std::function<void(const Stay&)> on_stay_ended;
};

}  // namespace srs::gate
