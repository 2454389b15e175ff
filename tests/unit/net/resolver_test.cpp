#include "net/resolver.h"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace srs::net {
namespace {

Url parsed(std::string_view text) {
  auto url = parse_url(text);
  REQUIRE(url);
  return *std::move(url);
}

std::optional<Result<std::vector<Address>>> resolved(const std::string& url) {
  asio::io_context io;
  Resolver resolver(io);
  std::optional<Result<std::vector<Address>>> answer;
  resolver.resolve(parsed(url), [&](Result<std::vector<Address>> result) { answer = std::move(result); });
  CHECK_FALSE(answer);
  io.run();
  return answer;
}

TEST_CASE("a literal address resolves to itself") {
  for (const auto& [url, host, port] : {std::tuple("rtmp://192.0.2.7/live", "192.0.2.7", 1935),
                                        std::tuple("http://[2001:db8::7]:8080/", "2001:db8::7", 8080)}) {
    const auto answer = resolved(url);
    REQUIRE(answer);
    REQUIRE(*answer);
    REQUIRE((*answer)->size() == 1);
    CHECK((**answer)[0].host == host);
    CHECK((**answer)[0].port == port);
    CHECK((**answer)[0].weight == 1);
  }
}

TEST_CASE("a name of the hosts file is looked up on another thread") {
  const auto answer = resolved("rtmp://localhost:1936/live");
  REQUIRE(answer);
  REQUIRE(*answer);
  for (const Address& address : **answer) {
    CHECK((address.host == "127.0.0.1" || address.host == "::1"));
    CHECK(address.port == 1936);
  }
}

TEST_CASE("a URL without a host is an error") {
  const auto answer = resolved("rtmp://:1935/live");
  REQUIRE(answer);
  REQUIRE_FALSE(*answer);
  CHECK(answer->error().code == Errc::usage);
}

TEST_CASE("a destroyed Resolver makes no callbacks and does not keep its io_context alive") {
  bool called = false;
  {
    asio::io_context io;
    auto resolver = std::make_unique<Resolver>(io);
    for (int i = 0; i < 20; ++i) resolver->resolve(parsed("rtmp://localhost"), [&](auto) { called = true; });
    resolver->resolve(parsed("rtmp://192.0.2.7"), [&](auto) { called = true; });
    resolver.reset();
    io.run();
  }
  CHECK_FALSE(called);
}

TEST_CASE("a callback may destroy its Resolver") {
  asio::io_context io;
  auto resolver = std::make_unique<Resolver>(io);
  int called = 0;
  for (int i = 0; i < 8; ++i)
    resolver->resolve(parsed("rtmp://localhost"), [&](auto) {
      ++called;
      resolver.reset();
    });
  io.run();
  CHECK(called == 1);
}

// A DNS message: header, one question, answers.
std::string answer_of(int count, const std::string& records) {
  std::string bytes("\x12\x34\x81\x80\0\1\0", 7);
  bytes += static_cast<char>(count);
  bytes += std::string("\0\0\0\0", 4);
  bytes += std::string("\5_rtmp\4_tcp\7example\3org\0\0\x21\0\1", 28);
  return bytes + records;
}

std::string record(unsigned priority, unsigned weight, unsigned port, const std::string& target) {
  std::string data;
  for (const unsigned value : {priority, weight, port}) {
    data += static_cast<char>(value >> 8);
    data += static_cast<char>(value);
  }
  data += target;
  std::string bytes("\xc0\x0c\0\x21\0\1\0\0\0\x3c\0", 11);
  return bytes + static_cast<char>(data.size()) + data;
}

Result<std::vector<Service>> parsed_services(const std::string& bytes) {
  return parse_services({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

TEST_CASE("SRV records, lowest priority and highest weight first") {
  const auto services = parsed_services(
      answer_of(4, record(20, 0, 1935, "\1b\xc0\x17") + record(10, 1, 1936, "\1a\xc0\x17") +
                       record(10, 300, 1937, "\2a2\xc0\x17") + record(10, 1, 1938, std::string("\0", 1))));
  REQUIRE(services);
  REQUIRE(services->size() == 3);  // the last one says "not here"
  CHECK((*services)[0].target == "a2.example.org");
  CHECK((*services)[0].weight == 300);
  CHECK((*services)[0].port == 1937);
  CHECK((*services)[1].target == "a.example.org");
  CHECK((*services)[2].priority == 20);
}

TEST_CASE("answers that are cut or hostile") {
  const std::string whole = answer_of(2, record(1, 2, 3, "\1a\xc0\x17") + record(1, 2, 3, "\1b\xc0\x17"));
  REQUIRE(parsed_services(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(parsed_services(whole.substr(0, size)));
  // A name that points at itself.
  const auto loop = parsed_services(answer_of(1, record(1, 2, 3, "\xc0\x3a")));
  if (loop) CHECK(loop->empty());
  // Too short for its fixed fields.
  const auto none = parsed_services(answer_of(1, std::string("\xc0\x0c\0\x21\0\1\0\0\0\x3c\0\2xx", 14)));
  REQUIRE(none);
  CHECK(none->empty());
}

}  // namespace
}  // namespace srs::net
