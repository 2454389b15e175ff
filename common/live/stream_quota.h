// StreamQuota limits the streams of publishers, in all and per address.
//
// A stream costs files, log lines and memory in every later stage, and waits for its publisher for the grace
// time: endless new names must not exhaust them. Streams that end at once count, too: an address may open as
// many as it may have at a time, then a hundredth of that per second. One thread.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

#include "core/result.h"

namespace srs::live {

class StreamQuota {
 public:
  struct Limits {
    std::size_t streams = 10'000;
    std::size_t streams_per_address = 1'000;
  };
  // Most brief streams of one address that may wait for their publisher.
  static constexpr std::size_t brief_per_address = 100;
  using Clock = std::chrono::steady_clock;

  explicit StreamQuota(Limits limits) : limits_(limits) {}

  // Counts one more stream of this address (without a port). Errors: too_large, worded for the publisher.
  Result<void> add(const std::string& address, Clock::time_point now = Clock::now()) {
    const std::lock_guard lock(mutex_);
    if (streams_ >= limits_.streams)
      return Error{Errc::too_large,
                   fmt::format("{} streams are open, no more are accepted (--max-streams)", streams_)};
    if (addresses_.size() >= max_remembered)
      std::erase_if(addresses_, [](const auto& entry) { return entry.second.streams == 0; });
    Counts& counts = addresses_[address];
    if (counts.streams >= limits_.streams_per_address)
      return Error{
          Errc::too_large,
          fmt::format("{} streams are open from {}, no more are accepted (--max-streams-per-address)",
                      counts.streams, address)};
    const auto most = static_cast<double>(limits_.streams_per_address);
    const std::chrono::duration<double> passed = now - counts.counted_at;
    const double opened = std::max(0.0, counts.opened - passed.count() * most / 100);
    if (opened + 1 > most)
      return Error{Errc::too_large,
                   fmt::format("{} opens streams too fast (--max-streams-per-address)", address)};
    counts.opened = opened + 1;
    counts.counted_at = now;
    ++streams_;
    ++counts.streams;
    return {};
  }
  void remove(const std::string& address) {
    const std::lock_guard lock(mutex_);
    --streams_;
    --addresses_.at(address).streams;
  }

  // Counts a brief stream of this address that is to wait for its publisher; false, and not counted, if too
  // many do.
  bool add_brief(const std::string& address) {
    const std::lock_guard lock(mutex_);
    Counts& counts = addresses_.at(address);
    if (counts.brief >= brief_per_address) return false;
    ++counts.brief;
    return true;
  }
  void remove_brief(const std::string& address) {
    const std::lock_guard lock(mutex_);
    --addresses_.at(address).brief;
  }

 private:
  struct Counts {
    std::size_t streams = 0, brief = 0;
    double opened = 0;  // recently, as of counted_at
    Clock::time_point counted_at{};
  };
  // Addresses, including those that have no stream any more.
  static constexpr std::size_t max_remembered = 4096;

  const Limits limits_;
  std::mutex mutex_;
  std::size_t streams_ = 0;
  std::map<std::string, Counts> addresses_;
};

}  // namespace srs::live
