// Admission limits the connections of a process, in total and per address, so that no client can exhaust its
// file descriptors, its memory or its accept rate.
//
// It is asked once for each accepted connection, before a byte is read, and issues a Ticket, which counts as
// the connection until it is destroyed. An address is an IPv4 address or an IPv6 /64, which is what one
// customer gets. Loopback addresses count towards the total but have no limit of their own: local programs, a
// proxy for one, carry many people's connections.
//
// Any thread; tickets may outlive the Admission. Memory: an entry per address that has connections, or had
// attempts in the last seconds.
#pragma once

#include <array>
#include <asio/ip/address.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace srs::net {

class SpareDescriptors;

// What counts as one address: an IPv4 address, or the upper half of an IPv6 address. 0: loopback.
std::uint64_t address_key(asio::ip::address address);

struct ConnectionLimits {
  std::size_t connections = 0;  // in total
  std::size_t per_address = 0;
  // New connections from one address: the rate, and the burst.
  double attempts_per_second = 500;
  double attempts_burst = 2'000;
};

// An admitted connection. A value; move only.
class Ticket {
 public:
  Ticket() = default;
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;
  ~Ticket();

  // The connection uses a spare descriptor, because no other was free: it should not keep it long.
  bool is_spare() const { return spares_ != nullptr; }
  void set_spare(std::shared_ptr<SpareDescriptors> spares) { spares_ = std::move(spares); }
  // Closes the connection; a spare descriptor returns to its owner in the same step, so that nobody else gets
  // it.
  void close(asio::ip::tcp::socket& socket);

 private:
  friend class Admission;
  struct Counts;

  std::shared_ptr<Counts> counts_;  // null: not counted
  std::shared_ptr<SpareDescriptors> spares_;
  std::uint64_t address_ = 0;
};

class Admission {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Verdict : std::uint8_t { admitted, total_limit, address_limit, rate_limit };
  static constexpr std::array<const char*, 3> reasons{"all", "address", "rate"};  // of refusals, for metrics

  explicit Admission(ConnectionLimits limits, std::function<Clock::time_point()> now = Clock::now);

  // Sets the ticket on Verdict::admitted.
  Verdict admit(const asio::ip::address& address, Ticket& ticket);
  // The verdict for people, with the option that sets the limit.
  std::string explain(Verdict verdict) const;

  struct Counters {
    std::size_t connections = 0;
    std::array<std::uint64_t, 3> refused{};  // in the order of `reasons`
  };
  Counters figures() const;
  const ConnectionLimits& limits() const;

 private:
  std::shared_ptr<Ticket::Counts> counts_;
};

}  // namespace srs::net
