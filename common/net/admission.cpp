#include "net/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "net/spare_descriptors.h"

namespace srs::net {
namespace {

using Clock = Admission::Clock;

constexpr std::uint64_t no_address = 0;  // without a limit of its own
constexpr std::size_t min_sweep_size = 1024;

}  // namespace

// IPv4 addresses are mapped to where no peer's IPv6 address is (multicast).
std::uint64_t address_key(asio::ip::address address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  if (address.is_loopback()) return no_address;
  if (address.is_v4()) return 0xffff'ffff'0000'0000 | address.to_v4().to_uint();
  std::uint64_t upper = 0;
  const auto bytes = address.to_v6().to_bytes();
  for (std::size_t i = 0; i < 8; ++i) upper = (upper << 8) | bytes[i];
  return upper;
}

struct Ticket::Counts {
  struct Peer {
    std::size_t connections = 0;
    double attempts_left = 0;
    Clock::time_point refilled_at{};
  };

  Counts(ConnectionLimits all, std::function<Clock::time_point()> clock)
      : limits(all), now(std::move(clock)) {}

  void refill(Peer& peer, Clock::time_point time) const;
  void forget_idle(Clock::time_point time);
  Admission::Verdict admit(std::uint64_t address);
  void release(std::uint64_t address);

  const ConnectionLimits limits;
  const std::function<Clock::time_point()> now;
  mutable std::mutex mutex;
  std::size_t connections = 0;
  std::array<std::uint64_t, 3> refused{};
  std::unordered_map<std::uint64_t, Peer> peers;
  std::size_t sweep_at = min_sweep_size;
};

void Ticket::Counts::refill(Peer& peer, Clock::time_point time) const {
  const double seconds = std::chrono::duration<double>(time - peer.refilled_at).count();
  peer.attempts_left =
      std::min(limits.attempts_burst, peer.attempts_left + seconds * limits.attempts_per_second);
  peer.refilled_at = time;
}

void Ticket::Counts::forget_idle(Clock::time_point time) {
  if (peers.size() < sweep_at) return;
  std::erase_if(peers, [&](const auto& entry) {
    Peer peer = entry.second;
    refill(peer, time);
    return peer.connections == 0 && peer.attempts_left >= limits.attempts_burst;
  });
  sweep_at = std::max(min_sweep_size, 2 * peers.size());
}

Admission::Verdict Ticket::Counts::admit(std::uint64_t address) {
  Peer* peer = nullptr;
  if (address != no_address) {
    const auto time = now();
    forget_idle(time);
    const auto [found, is_new] = peers.try_emplace(address, Peer{0, limits.attempts_burst, time});
    peer = &found->second;
    refill(*peer, time);
    if (peer->attempts_left < 1) return Admission::Verdict::rate_limit;
    peer->attempts_left -= 1;
  }
  if (connections >= limits.connections) return Admission::Verdict::total_limit;
  if (peer != nullptr && peer->connections >= limits.per_address) return Admission::Verdict::address_limit;
  if (peer != nullptr) ++peer->connections;
  ++connections;
  return Admission::Verdict::admitted;
}

void Ticket::Counts::release(std::uint64_t address) {
  const std::lock_guard lock(mutex);
  --connections;
  if (address != no_address) --peers.at(address).connections;
}

Ticket::Ticket(Ticket&& other) noexcept
    : counts_(std::move(other.counts_)), spares_(std::move(other.spares_)), address_(other.address_) {}

Ticket& Ticket::operator=(Ticket&& other) noexcept {
  std::swap(counts_, other.counts_);
  std::swap(spares_, other.spares_);
  std::swap(address_, other.address_);
  return *this;
}

Ticket::~Ticket() {
  if (counts_) counts_->release(address_);
}

void Ticket::close(asio::ip::tcp::socket& socket) {
  asio::error_code ignored;
  if (spares_ && socket.is_open()) return spares_->take_back(socket);
  socket.close(ignored);
}

Admission::Admission(ConnectionLimits limits, std::function<Clock::time_point()> now)
    : counts_(std::make_shared<Ticket::Counts>(limits, std::move(now))) {}

Admission::Verdict Admission::admit(const asio::ip::address& address, Ticket& ticket) {
  const std::uint64_t key = address_key(address);
  const std::lock_guard lock(counts_->mutex);
  const Verdict verdict = counts_->admit(key);
  if (verdict != Verdict::admitted) {
    ++counts_->refused[static_cast<std::size_t>(verdict) - 1];
    return verdict;
  }
  ticket.counts_ = counts_;
  ticket.address_ = key;
  return verdict;
}

std::string Admission::explain(Verdict verdict) const {
  const ConnectionLimits& limits = counts_->limits;
  switch (verdict) {
    case Verdict::admitted:
      return {};
    case Verdict::total_limit:
      return fmt::format("{} connections are open (--max-connections)", limits.connections);
    case Verdict::address_limit:
      return fmt::format("its address has {} connections (--max-connections-per-address)",
                         limits.per_address);
    case Verdict::rate_limit:
      return fmt::format("its address connects more than {} times a second", limits.attempts_per_second);
  }
  return {};
}

Admission::Counters Admission::figures() const {
  const std::lock_guard lock(counts_->mutex);
  return {counts_->connections, counts_->refused};
}

const ConnectionLimits& Admission::limits() const {
  return counts_->limits;
}

}  // namespace srs::net
