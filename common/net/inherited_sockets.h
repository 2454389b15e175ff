// InheritedSockets: listening sockets that the process was started with, for --listen URLs to use.
//
// Their creator keeps them open, so that connections wait, instead of being refused, while one process ends
// and the next begins. Belongs to the main thread; listeners get duplicates of the descriptors.
#pragma once

#include <asio/ip/tcp.hpp>
#include <string>
#include <vector>

namespace srs::net {

class InheritedSockets {
 public:
  struct Socket {
    int fd = -1;       // owned
    std::string name;  // what the service manager calls it
    bool used = false;
  };

  explicit InheritedSockets(std::vector<Socket> sockets);
  ~InheritedSockets();
  InheritedSockets(const InheritedSockets&) = delete;
  InheritedSockets& operator=(const InheritedSockets&) = delete;

  // The socket that listens on one of these addresses, now marked as used; -1 if there is none.
  int use(const std::vector<asio::ip::tcp::endpoint>& endpoints);
  // The unused ones, for people: "relay.socket (0.0.0.0:1935)".
  std::vector<std::string> unused() const;

 private:
  std::vector<Socket> sockets_;
};

}  // namespace srs::net
