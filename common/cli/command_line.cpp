#include "cli/command_line.h"

#include <cmath>
#include <csignal>
#include <iostream>

#include "cli/version.h"

namespace srs::cli {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

// A decimal number and one of the units behind it.
template <std::size_t N>
std::optional<double> parse_with_unit(const std::string& text, const Unit (&units)[N]) {
  if (text.empty() || !(std::isdigit(static_cast<unsigned char>(text[0])) || text[0] == '.'))
    return std::nullopt;
  std::size_t end = 0;
  double number = 0;
  try {
    number = std::stod(text, &end);
  } catch (const std::exception&) {
    return std::nullopt;
  }
  for (const Unit& unit : units)
    if (text.substr(end) == unit.name) return number * unit.factor;
  return std::nullopt;
}

}  // namespace

CommandLine::CommandLine(std::string tool, const std::string& description)
    : tool_(std::move(tool)), app_(description, tool_) {
  app_.set_version_flag("--version", fmt::format("{} {}", tool_, version));
  app_.add_flag("-v,--verbose", verbose_, "Say more on stderr");
  app_.add_flag("-q,--quiet", quiet_, "Say only what went wrong");
  app_.add_option("--log-format", log_format_, "Log lines as text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  app_.set_config("--config", "", "Read options from FILE (name=value lines)");
  app_.get_config_ptr()->type_name("FILE");
  app_.fallthrough();
}

std::optional<int> CommandLine::parse(int argc, const char* const* argv) {
  try {
    app_.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::Success& success) {  // --help, --version
    return app_.exit(success) == 0 ? exit_done : exit_failed;
  } catch (const CLI::ParseError& error) {
    return usage_error(error.what());
  }
}

Log CommandLine::log() const {
  const LogLevel level = quiet_ ? LogLevel::warning : verbose_ > 0 ? LogLevel::debug : LogLevel::info;
  return {tool_, level, log_format_ == "json" ? LogFormat::json : LogFormat::text};
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

Result<std::chrono::milliseconds> parse_duration(const std::string& text) {
  static constexpr Unit units[] = {{"", 1000},      {"ms", 1},        {"s", 1000},      {"m", 60'000},
                                   {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  const auto value = parse_with_unit(text, units);
  if (!value || *value > 1e15)
    return Error{Errc::usage, fmt::format("'{}' is not a duration (examples: 350ms, 5s, 2m)", text)};
  return std::chrono::milliseconds(std::llround(*value));
}

Result<std::uint64_t> parse_size(const std::string& text) {
  static constexpr double k = 1024;
  static constexpr Unit units[] = {{"", 1},        {"B", 1},         {"k", k},          {"K", k},
                                   {"kB", k},      {"KiB", k},       {"M", k * k},      {"MB", k * k},
                                   {"MiB", k * k}, {"G", k * k * k}, {"GB", k * k * k}, {"GiB", k * k * k}};
  const auto value = parse_with_unit(text, units);
  if (!value || *value > 1e18)
    return Error{Errc::usage, fmt::format("'{}' is not a size (examples: 64k, 8M, 1G)", text)};
  return static_cast<std::uint64_t>(std::llround(*value));
}

CLI::Option* add_duration(CLI::App& app, const std::string& names, std::chrono::milliseconds& value,
                          const std::string& description) {
  return app
      .add_option_function<std::string>(
          names,
          [&value, names](const std::string& text) {
            auto parsed = parse_duration(text);
            if (!parsed) throw CLI::ValidationError(names, parsed.error().message);
            value = *parsed;
          },
          description)
      ->type_name("DURATION")
      ->default_str(format_duration(value));
}

CLI::Option* add_size(CLI::App& app, const std::string& names, std::uint64_t& value_bytes,
                      const std::string& description) {
  return app
      .add_option_function<std::string>(
          names,
          [&value_bytes, names](const std::string& text) {
            auto parsed = parse_size(text);
            if (!parsed) throw CLI::ValidationError(names, parsed.error().message);
            value_bytes = *parsed;
          },
          description)
      ->type_name("SIZE")
      ->default_str(std::to_string(value_bytes));
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count % 1000 != 0 && count < 1000) return fmt::format("{}ms", count);
  if (count % 1000 != 0) return fmt::format("{}s", static_cast<double>(count) / 1000);
  return fmt::format("{}s", count / 1000);
}

}  // namespace srs::cli
