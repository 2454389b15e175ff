#include "srs-relay/workers/thread_load.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>

namespace srs::relay {
namespace {

std::chrono::nanoseconds run_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

ThreadLoad::ThreadLoad()
    : schedstat_(::open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)),
      busy_(busy_time()),
      at_(std::chrono::steady_clock::now()) {}

ThreadLoad::~ThreadLoad() {
  if (schedstat_ >= 0) ::close(schedstat_);
}

// proc(5): "RUN WAITED SLICES", the first two in ns.
std::chrono::nanoseconds ThreadLoad::busy_time() const {
  char text[96];
  const auto size = schedstat_ >= 0 ? ::pread(schedstat_, text, sizeof text, 0) : 0;
  const char* const end = text + std::max<decltype(size)>(size, 0);
  long long run = 0, waited = 0;
  const auto first = std::from_chars(text, end, run);
  if (first.ec != std::errc() || first.ptr == end) return run_time();
  if (std::from_chars(first.ptr + 1, end, waited).ec != std::errc()) return run_time();
  return std::chrono::nanoseconds(run + waited);
}

double ThreadLoad::sample() {
  const auto busy = busy_time();
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> passed = now - at_, used = busy - busy_;
  busy_ = busy;
  at_ = now;
  return passed.count() > 0 ? std::clamp(used / passed, 0.0, 1.0) : 0.0;
}

}  // namespace srs::relay
