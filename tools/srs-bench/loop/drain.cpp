#include "srs-bench/loop/drain.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

namespace srs::bench {

// The kernel wakes a reader before the mark when less than a segment is left of the window; on a loopback
// that is 64 KiB. Setting a far higher mark for a moment makes the receive buffer grow and stay large; it is
// a limit, not memory.
Drain::Drain(int fd, std::size_t low_water_bytes) : fd_(fd), low_water_bytes_(low_water_bytes) {
  for (const std::size_t mark : {std::size_t{1} << 20, low_water_bytes}) {
    const int value = static_cast<int>(mark);
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof value);
  }
}

void Drain::update() {
  int available = 0;
  if (::ioctl(fd_, SIOCINQ, &available) == 0 && available >= 0)
    pending_ = static_cast<std::size_t>(available);
}

void Drain::discard() {
  update();
  if (pending_ <= kept_bytes) return;
  const ssize_t size = ::recv(fd_, nullptr, pending_ - kept_bytes, MSG_TRUNC | MSG_DONTWAIT);
  if (size <= 0) return;
  discarded_ += static_cast<std::uint64_t>(size);
  pending_ -= static_cast<std::size_t>(size);
}

Bytes Drain::peek(std::vector<std::uint8_t>& buffer) {
  discard();
  const ssize_t size =
      ::recv(fd_, buffer.data(), std::min(buffer.size(), kept_bytes), MSG_PEEK | MSG_DONTWAIT);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

}  // namespace srs::bench
