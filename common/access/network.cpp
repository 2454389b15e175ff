#include "access/network.h"

#include <charconv>
#include <string>

#include "net/url.h"

namespace srs::access {
namespace {

constexpr unsigned ipv4_offset_bits = 96;

std::array<std::uint8_t, 16> in_ipv6(const asio::ip::address& address) {
  if (address.is_v6()) return address.to_v6().to_bytes();
  return asio::ip::make_address_v6(asio::ip::v4_mapped, address.to_v4()).to_bytes();
}

}  // namespace

Result<Network> Network::parse(std::string_view text) {
  const auto wrong = [&] {
    return Error{Errc::usage, "\"" + std::string(text.substr(0, 64)) +
                                  "\": an address or a network is wanted, as 10.0.0.0/8"};
  };
  const auto slash = text.find('/');
  asio::error_code error;
  const auto address = asio::ip::make_address(std::string(text.substr(0, slash)), error);
  if (error) return wrong();
  Network network;
  network.bytes_ = in_ipv6(address);
  if (slash == text.npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size()) return wrong();
  if (bits > (address.is_v4() ? 32U : 128U)) return wrong();
  network.bits_ = bits + (address.is_v4() ? ipv4_offset_bits : 0);
  return network;
}

bool Network::contains(const asio::ip::address& address) const {
  const auto bytes = in_ipv6(address);
  for (unsigned i = 0; i < bytes.size() && 8 * i < bits_; ++i) {
    const unsigned left = bits_ - 8 * i;
    const auto mask = static_cast<std::uint8_t>(left >= 8 ? 0xff : 0xff << (8 - left));
    if ((bytes[i] & mask) != (bytes_[i] & mask)) return false;
  }
  return true;
}

asio::ip::address address_of(std::string_view endpoint) {
  std::string_view host = net::without_port(endpoint);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  asio::error_code error;
  const auto address = asio::ip::make_address(std::string(host), error);
  return error ? asio::ip::address() : address;
}

}  // namespace srs::access
