// Network: a range of addresses, "10.0.0.0/8", "2001:db8::/32", "192.0.2.7". A value; any thread.
#pragma once

#include <array>
#include <asio/ip/address.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace srs::access {

class Network {
 public:
  // An address alone is a network of one. Errors say what is wrong.
  static Result<Network> parse(std::string_view text);

  // An IPv4 address in IPv6 form (::ffff:10.0.0.7) counts as IPv4.
  bool contains(const asio::ip::address& address) const;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 as ::ffff:a.b.c.d
  unsigned bits_ = 128;                   // that have to be the same
};

// "10.0.0.7" of "10.0.0.7:50123" and "[2001:db8::7]:50123"; the unspecified address if it is none.
asio::ip::address address_of(std::string_view endpoint);

}  // namespace srs::access
