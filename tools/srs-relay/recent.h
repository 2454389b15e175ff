// Recent: names of which something was said lately, each for the same time.
//
// Peers choose the names: there is room for so many and no more, then the oldest go. One thread; its owner
// gives the time.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace srs::relay {

class Recent {
 public:
  using Clock = std::chrono::steady_clock;

  Recent(std::chrono::milliseconds time, std::size_t most) : time_(time), most_(most) {}

  // From now on for the whole time, also if it was there before.
  void add(std::string_view name, Clock::time_point now) {
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
  // How much longer it is remembered; 0: it is not.
  Clock::duration left(std::string_view name, Clock::time_point now) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() || found->second->until <= now ? Clock::duration(0)
                                                                  : found->second->until - now;
  }
  bool contains(std::string_view name, Clock::time_point now) const { return left(name, now).count() > 0; }
  std::size_t size() const { return oldest_first_.size(); }

 private:
  struct Entry {
    std::string name;
    Clock::time_point until;
  };

  const std::chrono::milliseconds time_;
  const std::size_t most_;
  std::list<Entry> oldest_first_;
  std::map<std::string_view, std::list<Entry>::iterator> by_name_;  // views of the entries' names
};

}  // namespace srs::relay
