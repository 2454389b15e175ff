#include "cli/log.h"

#include <fmt/chrono.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <nlohmann/json.hpp>
#include <system_error>
#include <thread>

#include "cli/merged_lines.h"
#include "core/block_signals.h"

namespace srs::cli {
namespace {

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::error:
      return "error";
    case LogLevel::warning:
      return "warning";
    case LogLevel::info:
      return "info";
    case LogLevel::debug:
      return "debug";
  }
  return "?";
}

// UTC with milliseconds, as in RFC 3339.
std::string timestamp() {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto whole = floor<seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)),
                     (now - whole).count());
}

}  // namespace

// The first line that is held back starts the thread that writes it later.
class LogMerger {
 public:
  using Write = std::function<void(const MergedLines::Line& line)>;

  explicit LogMerger(Write write) : write_(std::move(write)) {}
  ~LogMerger();

  bool is_wanted(const Cause& cause) { return lines_.count(cause); }
  void add(const Cause& cause, MergedLines::Line line);

 private:
  void start();
  void run();

  const Write write_;
  MergedLines lines_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ending_ = false;
  std::thread thread_;
};

LogMerger::~LogMerger() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
  for (const auto& line : lines_.pop_all()) write_(line);
}

void LogMerger::add(const Cause& cause, MergedLines::Line line) {
  if (const auto now = lines_.add(cause, std::move(line))) return write_(*now);
  const std::lock_guard lock(mutex_);
  if (!thread_.joinable()) start();
  changed_.notify_one();
}

// If no thread can be started, held-back lines are written at the end.
void LogMerger::start() {
  const sigset_t before = block_signals();
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void LogMerger::run() {
  std::unique_lock lock(mutex_);
  while (!ending_) {
    const auto due = lines_.next_due();
    due ? static_cast<void>(changed_.wait_until(lock, *due)) : changed_.wait(lock);
    for (const auto& line : lines_.pop_due()) write_(line);
  }
}

bool wants_time(int stderr_descriptor, const char* journal_stream) {
  struct stat status {};
  if (::isatty(stderr_descriptor) || ::fstat(stderr_descriptor, &status) != 0) return false;
  return journal_stream == nullptr || journal_stream != fmt::format("{}:{}", status.st_dev, status.st_ino);
}

Log::Log(std::string tool, LogLevel level, LogFormat format, LogPrefix prefix)
    : tool_(std::move(tool)),
      level_(level),
      format_(format),
      prefix_(std::move(prefix)),
      merger_(std::make_unique<LogMerger>(
          [this](const MergedLines::Line& line) { write(line.level, line.text); })) {}

Log::~Log() = default;

bool Log::is_wanted(const Cause& cause) const {
  return merger_->is_wanted(cause);
}

void Log::merge(LogLevel level, const Cause& cause, std::string message) const {
  merger_->add(cause, {level, std::move(message)});
}

void Log::write(LogLevel level, std::string_view message) const {
  std::string line;
  const std::string safe = message.size() <= max_line_bytes
                               ? printable(message)
                               : printable(message.substr(0, max_line_bytes)) + "...";
  if (format_ == LogFormat::json) {
    nlohmann::ordered_json object = {{"time", timestamp()}, {"level", level_name(level)}, {"tool", tool_}};
    if (!prefix_.node.empty()) object["node"] = prefix_.node;
    object["message"] = safe;
    line = object.dump() + "\n";
  } else {
    const char* mark = level == LogLevel::warning ? "warning: " : level == LogLevel::error ? "error: " : "";
    if (prefix_.time) line = timestamp() + " ";
    line += tool_;
    if (!prefix_.node.empty()) line += fmt::format("[{}]", prefix_.node);
    line += fmt::format(": {}{}\n", mark, safe);
  }
  // A log that nobody reads is not a reason to fail.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace srs::cli
