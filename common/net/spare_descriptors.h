// SpareDescriptors: file descriptors reserved for a listener that must answer even when all others are in
// use.
//
// Belongs to the thread of the listener, as do the connections that borrow them.
#pragma once

#include <asio/ip/tcp.hpp>
#include <cstddef>
#include <vector>

namespace srs::net {

class SpareDescriptors {
 public:
  explicit SpareDescriptors(std::size_t count);
  ~SpareDescriptors();
  SpareDescriptors(const SpareDescriptors&) = delete;
  SpareDescriptors& operator=(const SpareDescriptors&) = delete;

  // Frees one, for the next descriptor to be opened. False: none is left.
  bool lend();
  // Closes the socket and makes its descriptor a spare one in the same step, so that nobody else gets it.
  void take_back(asio::ip::tcp::socket& socket);
  // Reopens those that were lent and not returned, as far as descriptors are free.
  void restore();

 private:
  const std::size_t count_;
  int source_ = -1;  // /dev/null; the spare ones are its duplicates
  std::vector<int> spares_;
};

}  // namespace srs::net
