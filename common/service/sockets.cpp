#include "service/sockets.h"

#include <systemd/sd-daemon.h>

#include <cstdlib>

namespace srs::service {

std::unique_ptr<net::InheritedSockets> inherit_sockets() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  std::vector<net::InheritedSockets::Socket> sockets;
  for (int i = 0; i < count; ++i) {
    const char* const name = names == nullptr ? nullptr : names[i];
    sockets.push_back({SD_LISTEN_FDS_START + i, name == nullptr ? "unknown" : name});
  }
  for (char** name = names; name != nullptr && *name != nullptr; ++name) std::free(*name);
  std::free(names);
  return sockets.empty() ? nullptr : std::make_unique<net::InheritedSockets>(std::move(sockets));
}

void warn_of_unused_sockets(const net::InheritedSockets& sockets, const cli::Log& log) {
  for (const std::string& socket : sockets.unused())
    log.warning("the service manager passed {}, but no --listen is for it", socket);
}

}  // namespace srs::service
