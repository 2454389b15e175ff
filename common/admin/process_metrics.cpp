#include "admin/process_metrics.h"

#include <dirent.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <fstream>
#include <memory>
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

// A field of /proc/self/stat by its number in proc(5), from 4 on.
double stat_field(int number) {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  std::size_t at = text.rfind(')');  // the name before it may hold anything
  for (int field = 2; field < number && at != std::string::npos; ++field) at = text.find(' ', at + 1);
  return at == std::string::npos ? 0 : std::atof(text.c_str() + at + 1);
}

double start_time_seconds() {
  timespec now{}, since_boot{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  ::clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const auto seconds = [](const timespec& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  return seconds(now) - seconds(since_boot) + stat_field(22) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double open_descriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc/self/fd"), ::closedir);
  double count = 0;
  while (folder && ::readdir(folder.get()) != nullptr) ++count;
  return count > 3 ? count - 3 : 0;  // ".", "..", and the folder itself
}

}  // namespace

void measure_process(std::string_view tool, PrometheusText& text) {
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
