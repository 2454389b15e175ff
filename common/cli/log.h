// Log lines on stderr: one line a message, "srs-relay: live/cam1: published by 10.0.0.7:50123".
//
// A Log is made once by main and passed down by reference. Lines may come from any thread;
// each leaves in a single write, so lines never mix. stdout is for media only.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace srs::cli {

enum class LogLevel { error, warning, info, debug };
enum class LogFormat { text, json };

class Log {
 public:
  Log(std::string tool, LogLevel level, LogFormat format)
      : tool_(std::move(tool)), level_(level), format_(format) {}

  template <class... Args>
  void error(fmt::format_string<Args...> text, Args&&... args) const {
    write_if(LogLevel::error, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> text, Args&&... args) const {
    write_if(LogLevel::warning, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info(fmt::format_string<Args...> text, Args&&... args) const {
    write_if(LogLevel::info, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void debug(fmt::format_string<Args...> text, Args&&... args) const {
    write_if(LogLevel::debug, text, std::forward<Args>(args)...);
  }

  bool enabled(LogLevel level) const { return level <= level_; }

 private:
  template <class... Args>
  void write_if(LogLevel level, fmt::format_string<Args...> text, Args&&... args) const {
    if (enabled(level)) write(level, fmt::format(text, std::forward<Args>(args)...));
  }
  void write(LogLevel level, std::string_view message) const;

  std::string tool_;
  LogLevel level_;
  LogFormat format_;
};

// Control characters and bytes that are not UTF-8 become \xNN: what a peer sent must not
// reach a terminal as it is.
std::string printable(std::string_view text);

}  // namespace srs::cli
