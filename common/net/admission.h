// Admission: how many connections a process takes, in all and from each address, so that nobody takes all of
// its file descriptors, memory and accepting.
//
// Asked once for each connection that was accepted, before a byte of it is read; what it gives is a Ticket,
// which counts as the connection until it is destroyed. An address is an IPv4 address or an IPv6 /64, which
// is what one customer gets. Loopback addresses count in all but have no limit of their own: behind them are
// this machine's own programs, proxies for one, with many people's connections.
//
// Any thread; tickets may outlive the Admission. Memory: an entry for each address that has connections, or
// had attempts in the last seconds.
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

struct ConnectionLimits {
  std::size_t connections = 0;  // in all
  std::size_t per_address = 0;
  // New connections of an address: so many in a second, and so many at once.
  double attempts_per_second = 500;
  double attempts_at_once = 2'000;
};

// A connection that was let in. A value; move only.
class Ticket {
 public:
  Ticket() = default;
  Ticket(Ticket&& other) noexcept;
  Ticket& operator=(Ticket&& other) noexcept;
  ~Ticket();

  // It took the last descriptor that there was: it should not keep it for long.
  bool is_spare() const { return spares_ != nullptr; }
  void set_spare(std::shared_ptr<SpareDescriptors> spares) { spares_ = std::move(spares); }
  // Closes the connection; a spare descriptor goes back to its owner, and nobody gets in between.
  void close(asio::ip::tcp::socket& socket);

 private:
  friend class Admission;
  struct Counts;

  std::shared_ptr<Counts> counts_;  // null: it counts nowhere
  std::shared_ptr<SpareDescriptors> spares_;
  std::uint64_t address_ = 0;
};

class Admission {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Verdict : std::uint8_t { taken, all_taken, address_has_enough, too_often };
  static constexpr std::array<const char*, 3> reasons{"all", "address", "rate"};  // of refusals, for metrics

  explicit Admission(ConnectionLimits limits, std::function<Clock::time_point()> now = Clock::now);

  // On Verdict::taken the ticket is set.
  Verdict admit(const asio::ip::address& address, Ticket& ticket);
  // For people, and what to do about it.
  std::string explain(Verdict verdict) const;

  struct Figures {
    std::size_t connections = 0;
    std::array<std::uint64_t, 3> refused{};  // in the order of `reasons`
  };
  Figures figures() const;
  const ConnectionLimits& limits() const;

 private:
  std::shared_ptr<Ticket::Counts> counts_;
};

}  // namespace srs::net
