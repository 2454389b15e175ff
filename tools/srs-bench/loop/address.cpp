#include "srs-bench/loop/address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

namespace srs::bench {
namespace {

Result<Address> lookup(const std::string& host, const std::string& port, int flags) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = flags;
  addrinfo* found = nullptr;
  const int code = ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &found);
  if (code != 0) return Error{Errc::not_found, ::gai_strerror(code)};
  Address address;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  address.size = found->ai_addrlen;
  ::freeaddrinfo(found);
  return address;
}

// Whether connections from this address are possible.
Result<void> try_to_bind(const Address& address) {
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return system_error("cannot open a socket", errno);
  const int outcome = ::bind(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  const int error = errno;
  ::close(fd);
  return outcome == 0 ? Result<void>() : Result<void>(Error{Errc::io, std::strerror(error)});
}

}  // namespace

Result<Address> resolve(const net::Url& url) {
  auto found = lookup(url.host, std::to_string(url.port), 0);
  if (!found) return std::move(found).error().in("cannot find " + url.host);
  return found;
}

Result<std::vector<Address>> local_addresses(const std::string& text, const Address& server) {
  std::vector<Address> addresses;
  std::istringstream list(text);
  for (std::string name; std::getline(list, name, ',');) {
    auto address = lookup(name, "0", AI_NUMERICHOST);
    if (!address) return std::move(address).error().in(fmt::format("'{}'", name));
    if (address->storage.ss_family != server.storage.ss_family)
      return Error{Errc::usage, fmt::format("'{}' is of another family than the server's address", name)};
    if (auto bound = try_to_bind(*address); !bound)
      return std::move(bound).error().in(fmt::format("'{}'", name));
    addresses.push_back(*address);
  }
  return addresses;
}

}  // namespace srs::bench
