#include "http/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace srs::http {
namespace {

// Non-blocking, so that a FIFO in the directory does not hang the server.
constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;

int open_with_openat2(int directory, const std::string& relative) {
  open_how how{};
  how.flags = open_flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  return static_cast<int>(::syscall(SYS_openat2, directory, relative.c_str(), &how, sizeof how));
}

}  // namespace

File open_by_component(int directory, const std::string& relative) {
  std::string_view rest = relative;
  File parent;
  for (;;) {
    const int from = parent ? parent.descriptor() : directory;
    const auto slash = rest.find('/');
    const std::string name(rest.substr(0, slash));
    if (slash == rest.npos) return File(::openat(from, name.c_str(), open_flags | O_NOFOLLOW));
    File next(::openat(from, name.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
    if (!next) return next;
    parent = std::move(next);
    rest.remove_prefix(slash + 1);
  }
}

File open_beneath(int directory, const std::string& relative) {
  int descriptor = open_with_openat2(directory, relative);
  // EAGAIN: something was renamed meanwhile and the kernel could not be sure that we stayed inside.
  for (int tries = 0; descriptor < 0 && errno == EAGAIN && tries < 8; ++tries)
    descriptor = open_with_openat2(directory, relative);
  // Filters that do not know openat2 answer EPERM as well as ENOSYS.
  if (descriptor < 0 && (errno == ENOSYS || errno == EPERM || errno == EAGAIN))
    return open_by_component(directory, relative);
  return File(descriptor);
}

}  // namespace srs::http
