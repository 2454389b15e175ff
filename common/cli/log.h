// Log lines on stderr: one line a message, "srs-relay: live/cam1: published by 10.0.0.7:50123".
//
// A Log is made once by main and passed down by reference. Lines may come from any thread;
// each leaves in a single write, so lines never mix. stdout is for media only.
//
// What a peer can make us say as often as it likes is said by cause: the first line at once, those that
// follow within ten seconds as one (see MergedLines).
//
//     log.info_by({"absent stream", address}, "{}: {} asked for it: no such stream", path, address);
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace srs::cli {

enum class LogLevel { error, warning, info, debug };
enum class LogFormat { text, json };

class LogMerger;

// Why a line is said. name: a text of ours, the same for all lines that are to become one; nothing of a peer
// is in it. from: the peer, "10.0.0.7:50123"; may be empty. at_once: so many lines within ten seconds are
// said as they come.
struct Cause {
  std::string_view name;
  std::string_view from;
  std::uint32_t at_once = 1;
};

// For what is news each time, such as a stream that begins: a crowd of them is said, a flood is summed up.
inline constexpr std::uint32_t crowd_of_lines = 20;

class Log {
 public:
  Log(std::string tool, LogLevel level, LogFormat format);
  // Says what was held back.
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

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

  // The same, but lines of one cause that follow each other become one. Any thread.
  template <class... Args>
  void error_by(const Cause& cause, fmt::format_string<Args...> text, Args&&... args) const {
    merge_if(LogLevel::error, cause, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning_by(const Cause& cause, fmt::format_string<Args...> text, Args&&... args) const {
    merge_if(LogLevel::warning, cause, text, std::forward<Args>(args)...);
  }
  template <class... Args>
  void info_by(const Cause& cause, fmt::format_string<Args...> text, Args&&... args) const {
    merge_if(LogLevel::info, cause, text, std::forward<Args>(args)...);
  }

  bool enabled(LogLevel level) const { return level <= level_; }

 private:
  template <class... Args>
  void write_if(LogLevel level, fmt::format_string<Args...> text, Args&&... args) const {
    if (enabled(level)) write(level, fmt::format(text, std::forward<Args>(args)...));
  }
  // A line that is only counted is not even put together.
  template <class... Args>
  void merge_if(LogLevel level, const Cause& cause, fmt::format_string<Args...> text, Args&&... args) const {
    if (enabled(level) && is_wanted(cause))
      merge(level, cause, fmt::format(text, std::forward<Args>(args)...));
  }
  void write(LogLevel level, std::string_view message) const;
  bool is_wanted(const Cause& cause) const;
  void merge(LogLevel level, const Cause& cause, std::string message) const;

  std::string tool_;
  LogLevel level_;
  LogFormat format_;
  std::unique_ptr<LogMerger> merger_;
};

// Longest line, without the tool's name, and the longest text of a peer in one.
inline constexpr std::size_t max_line_bytes = 4096;
inline constexpr std::size_t max_peer_text_bytes = 256;

// What must not reach a terminal or a reader as it is becomes \xNN, byte by byte: control characters (C1,
// too), line and paragraph separators, marks that turn the direction of text, what has no width, and whatever
// is not UTF-8 (RFC 3629).
std::string printable(std::string_view text);

// The same of at most 256 bytes of it, "..." behind what was cut: how a peer's text gets into a line.
std::string peer_text(std::string_view text);

}  // namespace srs::cli
