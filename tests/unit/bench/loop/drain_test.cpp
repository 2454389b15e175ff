// Uses real sockets, since the kernel's behaviour matters.
#include "srs-bench/loop/drain.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

using namespace srs;
using namespace srs::bench;

namespace {

constexpr std::size_t mark = 16 * 1024;

// Two ends of a TCP connection.
struct TcpPair {
  int sender = -1, receiver = -1;

  TcpPair() {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 1) == 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    receiver = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::connect(receiver, reinterpret_cast<sockaddr*>(&address), size) == 0);
    sender = ::accept(listener, nullptr, nullptr);
    REQUIRE(sender >= 0);
    ::close(listener);
  }
  ~TcpPair() {
    ::close(sender);
    ::close(receiver);
  }
  // Sends as much as the socket accepts.
  std::size_t send(std::string_view text) const {
    const ssize_t sent = ::send(sender, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    return sent < 0 ? 0 : static_cast<std::size_t>(sent);
  }
  bool readable(int milliseconds) const {
    pollfd waiting{receiver, POLLIN, 0};
    return ::poll(&waiting, 1, milliseconds) == 1;
  }
};

std::string peeked(Drain& drain) {
  std::vector<std::uint8_t> buffer(64 * 1024);
  const Bytes last = drain.peek(buffer);
  return {last.begin(), last.end()};
}

}  // namespace

TEST_CASE("everything is counted, and a full window never stops it") {
  const TcpPair pair;
  Drain drain(pair.receiver, mark);
  const std::string burst(60'000, 'm');
  std::size_t sent = 0;
  while (sent < 20'000'000) {
    sent += pair.send(burst);
    if (pair.readable(0)) drain.discard();
    REQUIRE(sent - drain.received() < 10'000'000);
  }
  while (drain.received() < sent && pair.readable(1000)) drain.discard();
  // The rest is below the mark.
  drain.update();
  CHECK(drain.received() == sent);
}

TEST_CASE("below the mark there is no wake-up, and update() still counts") {
  const TcpPair pair;
  Drain drain(pair.receiver, mark);
  CHECK(pair.send(std::string(mark / 2, 'm')) == mark / 2);
  CHECK_FALSE(pair.readable(20));
  drain.update();
  CHECK(drain.received() == mark / 2);
  CHECK(pair.send(std::string(mark / 2, 'm')) == mark / 2);
  CHECK(pair.readable(10'000));
}

TEST_CASE("the last bytes can be read, again and again and after the end") {
  const TcpPair pair;
  Drain drain(pair.receiver, mark);
  CHECK(peeked(drain).empty());
  pair.send(std::string(100'000, 'm') + "the end");
  while (drain.received() < 100'007) drain.update();
  CHECK(peeked(drain).size() == Drain::kept_bytes);
  CHECK(peeked(drain).ends_with("mthe end"));
  pair.send(", really");
  ::shutdown(pair.sender, SHUT_WR);
  while (drain.received() < 100'015) drain.update();
  CHECK(peeked(drain).ends_with("mthe end, really"));
  CHECK(drain.received() == 100'015);
}
