// Recent: a set of names that are forgotten after a fixed time.
//
// Peers choose the names, so their number is bounded: the oldest go first. One thread; the caller passes
// the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace srs::relay {

class Recent {
 public:
  Recent(std::chrono::milliseconds time, std::size_t most) : time_(time), most_(most) {}

  // Adds it, or renews its time.
  void add(std::string_view name, Clock::TimePoint now) {
    remove(name);
    while (!oldest_first_.empty() && (oldest_first_.front().until <= now || oldest_first_.size() >= most_))
      remove(oldest_first_.front().name);
    oldest_first_.push_back({std::string(name), now + time_});
    const auto added = std::prev(oldest_first_.end());
    by_name_.emplace(added->name, added);
  }
  void remove(std::string_view name) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return;
    const auto entry = found->second;
    by_name_.erase(found);
    oldest_first_.erase(entry);
  }
  // The time left until it is forgotten; 0 if it is not there.
  std::chrono::steady_clock::duration left(std::string_view name, Clock::TimePoint now) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() || found->second->until <= now ? std::chrono::steady_clock::duration(0)
                                                                  : found->second->until - now;
  }
  bool contains(std::string_view name, Clock::TimePoint now) const { return left(name, now).count() > 0; }
  std::size_t size() const { return oldest_first_.size(); }

 private:
  struct Entry {
    std::string name;
    Clock::TimePoint until;
  };

  const std::chrono::milliseconds time_;
  const std::size_t most_;
  std::list<Entry> oldest_first_;
  std::map<std::string_view, std::list<Entry>::iterator> by_name_;  // views of the entries' names
};

}  // namespace srs::relay
