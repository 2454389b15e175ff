// CommandLine: the options that every tool has, and how a tool starts and ends.
//
//   int main(int argc, char** argv) {
//     srs::cli::CommandLine command("srs-x", "what it does");
//     command.app().add_option("--target", ...);
//     if (auto status = command.parse(argc, argv)) return *status;
//     return srs::cli::run(command, [&](const srs::cli::Log& log) { ...; return srs::cli::exit_done; });
//   }
//
// Every tool: --help, --version, -v, -q, --log-format text|json, --config FILE (the options of
// the command line as `name=value` lines).
#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/log.h"
#include "core/result.h"

namespace srs::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;     // the media or a peer failed
inline constexpr int exit_usage = 2;      // the command line is wrong
inline constexpr int exit_threshold = 3;  // a --fail-if threshold was crossed

class CommandLine {
 public:
  CommandLine(std::string tool, const std::string& description);

  CLI::App& app() { return app_; }
  // The exit status if the program is to end here: --help, --version or a usage error,
  // which is printed.
  std::optional<int> parse(int argc, const char* const* argv);
  Log log() const;
  // Prints "tool: message" with a hint at --help and returns exit_usage.
  int usage_error(const std::string& message) const;

 private:
  std::string tool_;
  CLI::App app_;
  int verbose_ = 0;
  bool quiet_ = false;
  std::string log_format_ = "text";
};

// Runs a tool's body with SIGPIPE ignored; an exception becomes a line and exit_failed.
int run(const CommandLine& command, const std::function<int(const Log&)>& body);

// "350ms", "5s", "1.5s", "2m", "1h"; a bare number is seconds.
Result<std::chrono::milliseconds> parse_duration(const std::string& text);
// "64k", "8M", "1G" (powers of 1024), with or without "B"/"iB"; a bare number is bytes.
Result<std::uint64_t> parse_size(const std::string& text);

// Options of these two kinds.
CLI::Option* add_duration(CLI::App& app, const std::string& names, std::chrono::milliseconds& value,
                          const std::string& description);
CLI::Option* add_size(CLI::App& app, const std::string& names, std::uint64_t& value_bytes,
                      const std::string& description);

// "350ms", "5s", "1.5s": as parse_duration reads it.
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace srs::cli
