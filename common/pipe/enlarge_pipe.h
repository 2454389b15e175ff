// A pipe that holds as much as an unprivileged process may ask for: its two ends need not wake for every
// message.
#pragma once

#include <fcntl.h>

namespace srs::pipe {

// Does nothing on other descriptors.
inline void enlarge_pipe(int fd) {
  constexpr int size_bytes = 1 << 20;
  ::fcntl(fd, F_SETPIPE_SZ, size_bytes);
}

}  // namespace srs::pipe
