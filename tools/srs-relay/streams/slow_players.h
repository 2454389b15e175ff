// SlowPlayers: which addresses' players of a stream were too slow, and what they missed; for a periodic log
// line.
//
// Any thread; the lock is taken when a player skips, which is rare, never per message. Holds
// `most_addresses`; skips of further addresses are counted together.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace srs::relay {

class SlowPlayers {
 public:
  static constexpr std::size_t most_addresses = 64;
  static constexpr std::size_t most_shown = 3;

  // A player of this address ("10.0.0.7:50123", the port is left out) skipped this much of the stream.
  void add(std::string_view address, std::chrono::milliseconds skipped);
  // Describes and clears what was added since the last call, those who missed most first: "10.0.0.7 missed
  // 8.1 s in 4 skips, 10.0.0.8 missed 2.0 s in 1 skip, and 12 more addresses". Empty if there is nobody.
  std::string consume();

 private:
  struct Skips {
    std::uint64_t count = 0;
    std::chrono::milliseconds time{0};
  };

  std::mutex mutex_;
  std::map<std::string, Skips, std::less<>> by_address_;
  std::uint64_t others_ = 0;  // skips of further addresses
};

}  // namespace srs::relay
