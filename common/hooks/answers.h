// Answers: what call-backs decided a moment ago, for equal questions. Belongs to one thread.
#pragma once

#include <chrono>
#include <list>
#include <string>
#include <unordered_map>

#include "hooks/decision.h"
#include "hooks/event.h"

namespace srs::hooks {

// What makes questions equal: action, stream, protocol, address without its port, what is shown, and the URLs
// that the client names. A SHA-256, so that no secret is kept.
std::string key_of(const Event& event);

class Answers {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  // The oldest gives way to the newest.
  static constexpr std::size_t most = 10'000;

  // Null if there is none that still counts.
  const Decision* find(const std::string& key, TimePoint now);
  void put(const std::string& key, Decision decision, TimePoint until);
  std::size_t size() const { return by_age_.size(); }

 private:
  struct Entry {
    std::string key;
    Decision decision;
    TimePoint until;
  };

  void erase(const std::string& key);

  std::list<Entry> by_age_;
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace srs::hooks
