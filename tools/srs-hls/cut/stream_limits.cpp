#include "srs-hls/cut/stream_limits.h"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace srs::hls {

std::uint64_t usual_stream_bytes(std::size_t window, std::chrono::milliseconds target) {
  constexpr std::uint64_t bytes_a_second = 5'000'000;
  constexpr std::uint64_t least = 256u << 20;
  const std::uint64_t segments = 2 * static_cast<std::uint64_t>(window) + 3;
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(target.count(), 1));
  return std::max(least, segments * ms * bytes_a_second / 1'000);
}

std::uint64_t usual_memory_bytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page_size = ::sysconf(_SC_PAGE_SIZE);
  std::uint64_t memory = std::uint64_t{8} << 30;
  if (pages > 0 && page_size > 0)
    memory = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_size);
  // The container's limit (cgroup 2); the file says "max" if there is none.
  std::uint64_t limit = 0;
  if (std::ifstream("/sys/fs/cgroup/memory.max") >> limit && limit > 0) memory = std::min(memory, limit);
  return memory / 2;
}

}  // namespace srs::hls
