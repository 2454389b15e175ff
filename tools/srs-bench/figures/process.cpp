#include "srs-bench/figures/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>

namespace srs::bench {
namespace {

// Files of /proc are small: one read is enough.
Result<std::string> read_proc(pid_t pid, const char* name) {
  const std::string path = fmt::format("/proc/{}/{}", pid, name);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return system_error("cannot open " + path, errno);
  std::string text(16 * 1024, '\0');
  const ssize_t size = ::read(fd, text.data(), text.size());
  const int error = errno;
  ::close(fd);
  if (size < 0) return system_error("cannot read " + path, error);
  text.resize(static_cast<std::size_t>(size));
  return text;
}

Error no_such_process(pid_t pid) {
  return {Errc::not_found, fmt::format("there is no process {}", pid)};
}

// The n-th field after the position, counted from 0; fields are separated by spaces.
template <class Number>
bool read_field(std::string_view text, unsigned n, Number& number) {
  for (; n > 0; --n) {
    const auto space = text.find(' ');
    if (space == text.npos) return false;
    text.remove_prefix(space + 1);
  }
  return std::from_chars(text.data(), text.data() + text.size(), number).ec == std::errc{};
}

// "Rss:      1234 kB" on a line of its own.
std::uint64_t kilobytes_at(std::string_view text, std::string_view key) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    std::uint64_t number = 0;
    std::from_chars(line.data(), line.data() + line.size(), number);
    return number;
  }
  return 0;
}

std::optional<ProcessStat> stat_of(pid_t pid) {
  const auto text = read_proc(pid, "stat");
  if (!text) return std::nullopt;
  const auto stat = parse_process_stat(*text);
  return stat ? std::optional(*stat) : std::nullopt;
}

// Child processes by parent; processes that end meanwhile may be missing.
std::unordered_multimap<pid_t, pid_t> children_by_parent() {
  std::unordered_multimap<pid_t, pid_t> children;
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    pid_t pid = 0;
    const auto [rest, wrong] = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (wrong != std::errc{} || rest != name.data() + name.size()) continue;
    if (const auto stat = stat_of(pid)) children.emplace(stat->parent, pid);
  }
  return children;
}

// The CPU time of the process itself; zero if it has ended meanwhile.
double own_cpu_seconds(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

}  // namespace

Result<ProcessStat> parse_process_stat(std::string_view text) {
  const Error wrong{Errc::invalid_data, "/proc/PID/stat is not as expected"};
  // The name in parentheses may itself contain spaces and parentheses. After it comes field 3.
  const auto name_end = text.rfind(')');
  if (name_end == text.npos || text.size() < name_end + 2) return wrong;
  text.remove_prefix(name_end + 2);
  ProcessStat stat;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  if (!read_field(text, 1, stat.parent) || !read_field(text, 13, user) || !read_field(text, 14, system) ||
      !read_field(text, 17, stat.threads))
    return wrong;
  stat.reaped_ticks = user + system;
  return stat;
}

ProcessMemory parse_smaps_rollup(std::string_view text) {
  const auto bytes_at = [&](std::string_view key) { return kilobytes_at(text, key) * 1024; };
  return {bytes_at("Rss:"), bytes_at("Private_Clean:") + bytes_at("Private_Dirty:")};
}

Result<std::vector<pid_t>> process_tree(pid_t root) {
  if (!stat_of(root)) return no_such_process(root);
  const auto children = children_by_parent();
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const auto [begin, end] = children.equal_range(tree[i]);
    for (auto child = begin; child != end; ++child) tree.push_back(child->second);
  }
  return tree;
}

Result<double> cpu_seconds_of(pid_t root) {
  const auto tree = process_tree(root);
  if (!tree) return tree.error();
  const double ticks_a_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
  double seconds = 0;
  for (const pid_t pid : *tree) {
    seconds += own_cpu_seconds(pid);
    if (const auto stat = stat_of(pid)) seconds += static_cast<double>(stat->reaped_ticks) / ticks_a_second;
  }
  return seconds;
}

Result<ProcessMemory> memory_of(pid_t root) {
  const auto tree = process_tree(root);
  if (!tree) return tree.error();
  ProcessMemory sum;
  for (const pid_t pid : *tree) {
    const auto text = read_proc(pid, "smaps_rollup");
    // A process that has ended meanwhile counts as zero; for the root it is an error.
    if (!text && pid != root && !stat_of(pid)) continue;
    if (!text) return text.error();
    const ProcessMemory memory = parse_smaps_rollup(*text);
    sum.rss_bytes += memory.rss_bytes;
    sum.private_bytes += memory.private_bytes;
  }
  return sum;
}

Result<unsigned> threads_of(pid_t root) {
  const auto tree = process_tree(root);
  if (!tree) return tree.error();
  unsigned threads = 0;
  for (const pid_t pid : *tree)
    if (const auto stat = stat_of(pid)) threads += stat->threads;
  return threads;
}

}  // namespace srs::bench
