// Log lines on stderr: one line a message, "srs-relay: live/cam1: published by 10.0.0.7:50123"; optionally
// with a time and the node's name: "2026-11-29T07:47:55.123Z srs-relay[edge1]: ...".
//
// A Log is made once by main and passed down by reference. Lines may come from any thread;
// each leaves in a single write, so lines never mix. stdout is for media only.
//
// Lines that a peer can trigger at will are merged by cause: the first is written at once, those of the next
// ten seconds as one (see MergedLines).
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

// The start of each line.
struct LogPrefix {
  bool time = false;  // UTC; JSON lines always have it
  std::string node;   // names this process; may be empty
};

class LogMerger;

// Why a line is written. name: our own text, the same for all lines to be merged; never contains a peer's
// text. from: the peer, "10.0.0.7:50123"; may be empty. burst: how many lines within ten seconds are written
// immediately.
struct Cause {
  std::string_view name;
  std::string_view from;
  std::uint32_t burst = 1;
};

// For events that are news each time, such as the start of a stream: a crowd of them is written, a flood is
// summed up.
inline constexpr std::uint32_t log_burst = 20;

class Log {
 public:
  Log(std::string tool, LogLevel level, LogFormat format, LogPrefix prefix = {});
  // Writes the lines that were held back.
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

  // The same, but consecutive lines of one cause are merged. Any thread.
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
  // A line that is only counted is not even formatted.
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
  LogPrefix prefix_;
  std::unique_ptr<LogMerger> merger_;
};

// Whether text lines need a time: stderr is neither a terminal, whose reader has a clock, nor the systemd
// journal, which adds the time itself. journal_stream: the value of $JOURNAL_STREAM, may be null
// (systemd.exec(5)).
bool wants_time(int stderr_descriptor, const char* journal_stream);

// The longest line, without its prefix, and the longest text of a peer in a line.
inline constexpr std::size_t max_line_bytes = 4096;
inline constexpr std::size_t max_peer_text_bytes = 256;

// Escapes as \xNN, byte by byte, what must not reach a terminal or a reader unchanged: control characters (C1
// included), line and paragraph separators, text direction marks, zero-width characters, and whatever is not
// UTF-8 (RFC 3629).
std::string printable(std::string_view text);

// The same for at most the first 256 bytes, with "..." where it was cut: for a peer's text in a log line.
std::string peer_text(std::string_view text);

}  // namespace srs::cli
