#include "net/inherited_sockets.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "net/url.h"

namespace srs::net {
namespace {

using asio::ip::tcp;

// The address that it listens on; nothing if it is not a listening TCP socket.
std::optional<tcp::endpoint> listens_at(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0 || listens == 0) return std::nullopt;
  tcp::endpoint endpoint;
  size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(fd, endpoint.data(), &size) != 0) return std::nullopt;
  const int family = endpoint.data()->sa_family;
  if ((family != AF_INET && family != AF_INET6) || size > endpoint.capacity()) return std::nullopt;
  endpoint.resize(size);
  return endpoint;
}

std::string address_of(int fd) {
  const auto endpoint = listens_at(fd);
  if (!endpoint) return "not a listening TCP socket";
  Url url;
  url.host = endpoint->address().to_string();
  url.port = endpoint->port();
  return url.authority();
}

}  // namespace

InheritedSockets::InheritedSockets(std::vector<Socket> sockets) : sockets_(std::move(sockets)) {}

InheritedSockets::~InheritedSockets() {
  for (const Socket& socket : sockets_) ::close(socket.fd);
}

int InheritedSockets::use(const std::vector<tcp::endpoint>& endpoints) {
  for (Socket& socket : sockets_) {
    const auto at = listens_at(socket.fd);
    if (!at || std::find(endpoints.begin(), endpoints.end(), *at) == endpoints.end()) continue;
    socket.used = true;
    return socket.fd;
  }
  return -1;
}

std::vector<std::string> InheritedSockets::unused() const {
  std::vector<std::string> unused;
  for (const Socket& socket : sockets_)
    if (!socket.used) unused.push_back(fmt::format("{} ({})", socket.name, address_of(socket.fd)));
  return unused;
}

}  // namespace srs::net
