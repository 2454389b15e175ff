#include "net/spare_descriptors.h"

#include <fcntl.h>
#include <unistd.h>

namespace srs::net {

SpareDescriptors::SpareDescriptors(std::size_t count)
    : count_(count), source_(::open("/dev/null", O_RDONLY | O_CLOEXEC)) {
  restore();
}

SpareDescriptors::~SpareDescriptors() {
  for (const int fd : spares_) ::close(fd);
  if (source_ >= 0) ::close(source_);
}

bool SpareDescriptors::lend() {
  if (spares_.empty()) return false;
  ::close(spares_.back());
  spares_.pop_back();
  return true;
}

void SpareDescriptors::take_back(asio::ip::tcp::socket& socket) {
  asio::error_code error;
  if (spares_.size() >= count_ || source_ < 0) return static_cast<void>(socket.close(error));
  socket.shutdown(asio::ip::tcp::socket::shutdown_both, error);
  const int fd = socket.release(error);
  if (error) return static_cast<void>(socket.close(error));
  if (::dup3(source_, fd, O_CLOEXEC) == fd)
    spares_.push_back(fd);
  else
    ::close(fd);
}

void SpareDescriptors::restore() {
  while (spares_.size() < count_ && source_ >= 0) {
    const int fd = ::fcntl(source_, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) return;
    spares_.push_back(fd);
  }
}

}  // namespace srs::net
