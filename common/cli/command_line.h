// CommandLine: the options that every tool has, and how a tool starts and ends.
//
//   int main(int argc, char** argv) {
//     srs::cli::CommandLine command("srs-x", "what it does");
//     command.app().add_option("--target", ...);
//     if (auto status = command.parse(argc, argv)) return *status;
//     return srs::cli::run(command, [&](const srs::cli::Log& log) { ...; return srs::cli::exit_done; });
//   }
//
// Every tool: --help, --version, -v, -q, --log-format, --log-time, --config FILE (see config_file.h). Usage
// errors are reported in our own words, with a suggestion: usage_message.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cli/app.h"
#include "cli/log.h"
#include "cli/option_kinds.h"
#include "cli/quantities.h"
#include "core/result.h"

namespace srs::cli {

inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;     // the media or a peer failed
inline constexpr int exit_usage = 2;      // the command line is wrong
inline constexpr int exit_threshold = 3;  // a --fail-if threshold was crossed

class CommandLine {
 public:
  CommandLine(std::string tool, const std::string& description);
  ~CommandLine();

  CLI::App& app() { return *app_; }
  // The exit status if the program should end here: after --help, --version or a usage error (which is
  // printed).
  std::optional<int> parse(int argc, const char* const* argv);
  Log log() const;
  // Names this process in every line of the logs that log() creates from now on.
  void set_node(std::string node) { node_ = std::move(node); }
  // Prints "tool: message" with a hint at --help and returns exit_usage.
  int usage_error(const std::string& message) const;

 private:
  enum class LogTime { automatic, always, never };

  std::string tool_;
  const std::unique_ptr<CLI::App> app_;
  int verbose_ = 0;
  bool quiet_ = false;
  LogFormat log_format_ = LogFormat::text;
  LogTime log_time_ = LogTime::automatic;
  std::string node_;
};

// Runs a tool's body with SIGPIPE ignored; an exception becomes a line and exit_failed.
int run(const CommandLine& command, const std::function<int(const Log&)>& body);

}  // namespace srs::cli
