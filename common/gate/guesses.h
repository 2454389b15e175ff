// Guesses slows down addresses that guess: after a few wrong answers, each further one waits. Who is right
// only waits, too; so nobody can lock out others behind the same address.
//
// An address is an IPv4 address or an IPv6 /64. Memory: at most 20,000 of them. Any thread.
#pragma once

#include <asio/ip/address.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>

#include "core/clock.h"

namespace srs::gate {

class Guesses {
 public:
  static constexpr std::size_t addresses_max = 20'000;
  // So many wrong ones are free; they are forgiven one a period.
  static constexpr unsigned free_guesses = 5;
  static constexpr std::chrono::seconds period{10};
  static constexpr std::chrono::milliseconds first_delay{250}, longest_delay{4'000};

  // How long its next answer has to wait.
  std::chrono::milliseconds delay(const asio::ip::address& address, Clock::TimePoint now);
  void wrong(const asio::ip::address& address, Clock::TimePoint now);
  std::size_t size() const;  // addresses that are remembered

 private:
  struct Count {
    unsigned wrong = 0;
    Clock::TimePoint since{};  // when the newest of them was forgiven, or the first one came
  };
  static Count forgiven(Count count, Clock::TimePoint now);

  mutable std::mutex mutex_;
  std::map<std::uint64_t, Count> counts_;
};

}  // namespace srs::gate
