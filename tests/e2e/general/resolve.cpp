// test-resolve MILLISECONDS URL...: prints what net::Resolver finds, for the e2e tests, and ends when
// all is found or the time is over:
//
//     rtmp+srv://_rtmp._tcp.example.org: 192.0.2.1 1935 priority 10 weight 1
//     rtmp://nobody.example.org: error: the host 'nobody.example.org' is not known: check its spelling
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string>

#include "net/resolver.h"

namespace {

void print(const std::string& url, const srs::Result<std::vector<srs::net::Address>>& found) {
  if (!found) return fmt::print("{}: error: {}\n", url, found.error().message);
  for (const srs::net::Address& address : *found)
    fmt::print("{}: {} {} priority {} weight {}\n", url, address.host, address.port, address.priority,
               address.weight);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  asio::io_context io;
  srs::net::Resolver resolver(io);
  for (int i = 2; i < argc; ++i) {
    const std::string text = argv[i];
    const auto url = srs::net::parse_url(text);
    if (!url) return 2;
    resolver.resolve(*url, [text](const auto& found) { print(text, found); });
  }
  io.run_for(std::chrono::milliseconds(std::atoi(argv[1])));
  return 0;
}
