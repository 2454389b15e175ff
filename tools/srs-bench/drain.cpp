#include "drain.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>

namespace srs::bench {

Drain::Drain(int fd, std::size_t low_water_bytes) : fd_(fd), low_water_bytes_(low_water_bytes) {
  const int mark = static_cast<int>(low_water_bytes);
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &mark, sizeof mark);
}

void Drain::discard(How how) {
  int available = 0;
  if (::ioctl(fd_, SIOCINQ, &available) != 0 || available < 0) return;
  pending_ = static_cast<std::size_t>(available);
  if (pending_ <= kept_bytes || (how == How::above_mark && pending_ < low_water_bytes_)) return;
  const ssize_t size = ::recv(fd_, nullptr, pending_ - kept_bytes, MSG_TRUNC | MSG_DONTWAIT);
  if (size <= 0) return;
  discarded_ += static_cast<std::uint64_t>(size);
  pending_ -= static_cast<std::size_t>(size);
}

Bytes Drain::peek(std::vector<std::uint8_t>& buffer) {
  discard(How::all);
  const ssize_t size =
      ::recv(fd_, buffer.data(), std::min(buffer.size(), kept_bytes), MSG_PEEK | MSG_DONTWAIT);
  return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
}

}  // namespace srs::bench
