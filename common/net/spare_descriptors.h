// SpareDescriptors: file descriptors that are kept for a listener that has to answer when all others are in
// use.
//
// Belongs to the thread of the listener, like the connections that it lends them to.
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

  // Frees one of them, for whoever opens the next descriptor. False: there is none left.
  bool lend();
  // Closes the socket; its descriptor becomes a spare one in the same step, so that nobody else gets it.
  void take_back(asio::ip::tcp::socket& socket);
  // Opens those again that were lent and did not come back, as far as there are descriptors.
  void restore();

 private:
  const std::size_t count_;
  int source_ = -1;  // /dev/null; the spare ones are its duplicates
  std::vector<int> spares_;
};

}  // namespace srs::net
