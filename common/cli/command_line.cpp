#include "cli/command_line.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdlib>

#include "cli/config_reader.h"
#include "cli/help.h"
#include "cli/usage_message.h"
#include "cli/version.h"

namespace srs::cli {

CommandLine::CommandLine(std::string tool, const std::string& description)
    : tool_(std::move(tool)), app_(std::make_unique<CLI::App>(description, tool_)) {
  app_->formatter(std::make_shared<HelpFormatter>());
  app_->set_version_flag("--version", fmt::format("{} {}", tool_, version));
  app_->add_flag("-v,--verbose", verbose_, "Say more on stderr");
  app_->add_flag("-q,--quiet", quiet_, "Say only what went wrong");
  add_choice(*app_, "--log-format", log_format_, {{"text", LogFormat::text}, {"json", LogFormat::json}},
             "Form of log lines");
  add_choice(*app_, "--log-time", log_time_,
             {{"auto", LogTime::automatic}, {"always", LogTime::always}, {"never", LogTime::never}},
             "The time in front of log lines; auto: unless stderr is a terminal or systemd's journal");
  app_->set_config("--config", "", "Read options from FILE (name=value lines)");
  app_->get_config_ptr()->type_name("FILE");
  app_->config_formatter(std::make_shared<ConfigReader>(*app_));
  app_->fallthrough();
}

CommandLine::~CommandLine() = default;

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_->parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success& success) {  // --help, --version
    return app_->exit(success) == 0 ? exit_done : exit_failed;
  } catch (const CLI::ParseError& error) {
    return usage_error(usage_message(*app_, error));
  }
}

Log CommandLine::log() const {
  const LogLevel level = quiet_ ? LogLevel::warning : verbose_ > 0 ? LogLevel::debug : LogLevel::info;
  const bool time =
      log_time_ == LogTime::always ||
      (log_time_ == LogTime::automatic && wants_time(STDERR_FILENO, std::getenv("JOURNAL_STREAM")));
  return {tool_, level, log_format_, {time, node_}};
}

int CommandLine::usage_error(const std::string& message) const {
  log().error("{} (see {} --help)", message, tool_);
  return exit_usage;
}

int run(const CommandLine& command, const std::function<int(const Log&)>& body) {
  std::signal(SIGPIPE, SIG_IGN);
  const Log log = command.log();
  try {
    return body(log);
  } catch (const std::exception& exception) {
    log.error("{}", exception.what());
    return exit_failed;
  }
}

}  // namespace srs::cli
