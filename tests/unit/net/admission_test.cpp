#include "net/admission.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <asio/io_context.hpp>
#include <string>
#include <vector>

#include "net/spare_descriptors.h"

using namespace srs;
using namespace std::chrono_literals;
using net::Admission;
using net::Ticket;
using Verdict = Admission::Verdict;

namespace {

struct Door {
  explicit Door(net::ConnectionLimits limits) : admission(limits, [this] { return now; }) {}

  Verdict knock(const std::string& address) {
    Ticket ticket;
    const auto verdict = admission.admit(asio::ip::make_address(address), ticket);
    if (verdict == Verdict::admitted) tickets.push_back(std::move(ticket));
    return verdict;
  }

  Admission::Clock::time_point now{};
  Admission admission;
  std::vector<Ticket> tickets;
};

}  // namespace

TEST_CASE("connections are limited in total, and one that ends makes room") {
  Door door({3, 2});
  CHECK(door.knock("10.0.0.1") == Verdict::admitted);
  CHECK(door.knock("10.0.0.2") == Verdict::admitted);
  CHECK(door.knock("127.0.0.1") == Verdict::admitted);
  CHECK(door.knock("10.0.0.3") == Verdict::total_limit);
  CHECK(door.knock("127.0.0.1") == Verdict::total_limit);
  CHECK(door.admission.figures().connections == 3);
  door.tickets.pop_back();
  CHECK(door.knock("10.0.0.3") == Verdict::admitted);
  CHECK(door.admission.figures().refused == std::array<std::uint64_t, 3>{2, 0, 0});
}

TEST_CASE("an address has a limit; loopback has none of its own") {
  Door door({100, 2});
  CHECK(door.knock("10.0.0.1") == Verdict::admitted);
  CHECK(door.knock("::ffff:10.0.0.1") == Verdict::admitted);
  CHECK(door.knock("10.0.0.1") == Verdict::address_limit);
  CHECK(door.knock("10.0.0.2") == Verdict::admitted);
  for (int i = 0; i < 10; ++i) CHECK(door.knock(i % 2 == 0 ? "127.0.0.9" : "::1") == Verdict::admitted);
  door.tickets.erase(door.tickets.begin());
  CHECK(door.knock("10.0.0.1") == Verdict::admitted);
}

TEST_CASE("an IPv6 /64 is one address") {
  Door door({100, 2});
  CHECK(door.knock("2001:db8:1:2::1") == Verdict::admitted);
  CHECK(door.knock("2001:db8:1:2:ffff::1") == Verdict::admitted);
  CHECK(door.knock("2001:db8:1:2:3:4:5:6") == Verdict::address_limit);
  CHECK(door.knock("2001:db8:1:3::1") == Verdict::admitted);
}

TEST_CASE("connections from an address are limited in burst and in rate") {
  Door door({1'000, 1'000, 10, 50});
  for (int i = 0; i < 50; ++i) CHECK(door.knock("10.0.0.1") == Verdict::admitted);
  door.tickets.clear();  // that they ended does not matter
  CHECK(door.knock("10.0.0.1") == Verdict::rate_limit);
  CHECK(door.knock("10.0.0.2") == Verdict::admitted);
  door.now += 1s;
  int taken = 0;
  for (int i = 0; i < 50; ++i) taken += door.knock("10.0.0.1") == Verdict::admitted ? 1 : 0;
  CHECK(taken == 10);
  for (int i = 0; i < 100; ++i) CHECK(door.knock("127.0.0.1") == Verdict::admitted);
}

TEST_CASE("addresses that have left are forgotten, and those that stay are not") {
  Door door({100'000, 2, 500, 2'000});
  CHECK(door.knock("10.255.0.1") == Verdict::admitted);
  CHECK(door.knock("10.255.0.1") == Verdict::admitted);
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 5'000; ++i) {
      Ticket ticket;
      const auto address = asio::ip::address_v4(0x0a000000u + static_cast<std::uint32_t>(round * 5'000 + i));
      CHECK(door.admission.admit(address, ticket) == Verdict::admitted);
    }
    door.now += 10s;
  }
  CHECK(door.knock("10.255.0.1") == Verdict::address_limit);
}

TEST_CASE("a ticket may outlive its Admission") {
  Ticket ticket;
  {
    Admission admission({1, 1});
    CHECK(admission.admit(asio::ip::make_address("10.0.0.1"), ticket) == Verdict::admitted);
  }
  Ticket moved = std::move(ticket);
  ticket = {};
}

TEST_CASE("a lent descriptor returns when its socket is closed") {
  asio::io_context io;
  net::SpareDescriptors spares(1);
  CHECK(spares.lend());
  CHECK_FALSE(spares.lend());
  asio::ip::tcp::socket socket(io, asio::ip::tcp::v4());
  const int fd = socket.native_handle();
  spares.take_back(socket);
  CHECK_FALSE(socket.is_open());
  CHECK(::fcntl(fd, F_GETFD) == FD_CLOEXEC);  // it is /dev/null now
  CHECK(spares.lend());
  CHECK(::fcntl(fd, F_GETFD) == -1);
  spares.restore();
  CHECK(spares.lend());
}

TEST_CASE("after 25 and 50 days an address may connect as often as before") {
  for (const std::int64_t uptime_ms : {std::int64_t{1} << 31, std::int64_t{1} << 32, std::int64_t{1} << 38}) {
    Door door({1'000, 1'000, 10, 50});
    const auto taken = [&door] {
      int count = 0;
      for (int i = 0; i < 100; ++i) count += door.knock("10.0.0.1") == Verdict::admitted ? 1 : 0;
      door.tickets.clear();
      return count;
    };
    door.now += std::chrono::milliseconds(uptime_ms - 500);
    CHECK(taken() == 50);
    door.now += 1s;
    CHECK(taken() == 10);
    door.now += std::chrono::milliseconds(uptime_ms);
    CHECK(taken() == 50);
  }
}
