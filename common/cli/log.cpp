#include "cli/log.h"

#include <fmt/chrono.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>

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

// Length of the UTF-8 sequence at the front of text, 0 if it is not well formed.
std::size_t utf8_length(std::string_view text) {
  const auto byte = static_cast<unsigned char>(text[0]);
  const std::size_t length = byte < 0x80                   ? 1
                             : byte >= 0xf0 && byte < 0xf5 ? 4
                             : byte >= 0xe0                ? 3
                             : byte >= 0xc2                ? 2
                                                           : 0;
  if (length == 0 || byte >= 0xf5 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80) return 0;
  return length;
}

}  // namespace

void Log::write(LogLevel level, std::string_view message) const {
  std::string line;
  const std::string safe = printable(message);
  if (format_ == LogFormat::json) {
    const nlohmann::ordered_json object = {
        {"time", timestamp()}, {"level", level_name(level)}, {"tool", tool_}, {"message", safe}};
    line = object.dump() + "\n";
  } else {
    const char* mark = level == LogLevel::warning ? "warning: " : level == LogLevel::error ? "error: " : "";
    line = fmt::format("{}: {}{}\n", tool_, mark, safe);
  }
  // A log that nobody reads is no reason to fail.
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text[0]);
    const std::size_t length = utf8_length(text);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      safe += fmt::format("\\x{:02x}", byte);
      text.remove_prefix(1);
    } else {
      safe += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return safe;
}

}  // namespace srs::cli
