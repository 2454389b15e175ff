#include "admin/process_metrics.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "cli/version.h"

namespace srs::admin {
namespace {

using Kind = PrometheusText::Kind;

double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

ProcessMetrics::ProcessMetrics()
    : stat_(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC)), descriptors_(::opendir("/proc/self/fd")) {}

ProcessMetrics::~ProcessMetrics() {
  if (stat_ >= 0) ::close(stat_);
  if (descriptors_ != nullptr) ::closedir(descriptors_);
}

// A field of /proc/self/stat by its number in proc(5), from 4 on.
double ProcessMetrics::stat_field(int number) const {
  std::array<char, 2048> bytes;
  const ssize_t size = ::pread(stat_, bytes.data(), bytes.size(), 0);
  const std::string text(bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  std::size_t at = text.rfind(')');  // the name before it may hold anything
  for (int field = 2; field < number && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + 1);
}

double ProcessMetrics::start_time_seconds() const {
  timespec now{}, since_boot{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const auto seconds = [](const timespec& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  return seconds(now) - seconds(since_boot) + stat_field(22) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double ProcessMetrics::open_descriptors() const {
  if (descriptors_ == nullptr) return 0;
  ::rewinddir(descriptors_);
  double count = 0;
  while (::readdir(descriptors_) != nullptr) ++count;
  return count > 2 ? count - 2 : 0;  // "." and ".."
}

void ProcessMetrics::measure(std::string_view tool, PrometheusText& text) const {
  text.family("srs_build_info", Kind::gauge, "Which tool and version this is; always 1.");
  text.sample({{"tool", tool}, {"version", cli::version}}, 1);
  rlimit descriptors{};
  ::getrlimit(RLIMIT_NOFILE, &descriptors);
  text.single("process_cpu_seconds_total", Kind::counter, "CPU time of the process, user and system.",
              cpu_seconds());
  text.single("process_resident_memory_bytes", Kind::gauge, "Resident memory.",
              stat_field(24) * static_cast<double>(::sysconf(_SC_PAGESIZE)));
  text.single("process_open_fds", Kind::gauge, "File descriptors that are open.", open_descriptors());
  text.single("process_max_fds", Kind::gauge, "Most file descriptors that may be open.",
              static_cast<double>(descriptors.rlim_cur));
  text.single("process_threads", Kind::gauge, "Threads.", stat_field(20));
  text.single("process_start_time_seconds", Kind::gauge, "When the process started, in seconds since 1970.",
              start_time_seconds());
}

}  // namespace srs::admin
