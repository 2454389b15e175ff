#include "cli/usage_message.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "cli/did_you_mean.h"

namespace srs::cli {
namespace {

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  const auto add = [&](const CLI::App& one) {
    for (const CLI::Option* option : one.get_options())
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  };
  add(app);
  for (const CLI::App* command : commands_of(app)) add(*command);
  return names;
}

// An argument may be a URL, and secret after its scheme.
std::string without_secrets(const std::string& argument) {
  const std::size_t scheme = argument.find("://");
  return scheme == argument.npos ? argument : argument.substr(0, scheme + 3) + "...";
}

std::string leftover_message(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining(true);
  for (const std::string& argument : rest) {
    if (argument.size() < 2 || argument.front() != '-' || argument == "--") continue;
    const std::string name = argument.substr(0, argument.find('='));
    return fmt::format("there is no option {}{}", name, did_you_mean(name, option_names(app)));
  }
  const auto first = std::find_if(rest.begin(), rest.end(), [](const auto& text) { return text != "--"; });
  if (first == rest.end()) return {};
  std::vector<std::string> commands;
  for (const CLI::App* command : commands_of(app)) commands.push_back(command->get_name());
  if (!commands.empty() && app.get_subcommands().empty()) {
    const std::string suggestion = did_you_mean(*first, commands);
    return fmt::format(
        "there is no command '{}'{}", without_secrets(*first),
        suggestion.empty() ? fmt::format(": give {}", fmt::join(commands, " or ")) : suggestion);
  }
  return fmt::format("'{}' is one argument too many", without_secrets(*first));
}

std::string read_failure(const std::string& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return std::strerror(errno);
  struct stat status {};
  const bool is_directory = ::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode);
  ::close(descriptor);
  return std::strerror(is_directory ? EISDIR : EIO);
}

// CLI11 says only "FILE was not readable (missing?)"; the errors of our own reader are complete.
std::string file_message(const CLI::App& app, const std::string& message) {
  const CLI::Option* option = app.get_config_ptr();
  if (option == nullptr || option->count() == 0 || !message.ends_with("(missing?)")) return message;
  const auto file = option->as<std::string>();
  return fmt::format("--config: cannot read {}: {}", file, read_failure(file));
}

// "--wait: 1 required DURATION missing", "--wait: At Most 1 required but received 2".
std::string value_message(const CLI::App& app, const std::string& message) {
  const std::string name = message.substr(0, message.find(':'));
  if (message.find("At Most") != message.npos) return fmt::format("{} is given more than once", name);
  const CLI::Option* option = app.get_option_no_throw(name);
  if (option == nullptr || message.find("required") == message.npos) return message;
  return fmt::format("{} needs a value: {}", name, option->get_type_name());
}

}  // namespace

std::string usage_message(const CLI::App& app, const CLI::ParseError& error) {
  if (std::string message = leftover_message(app); !message.empty()) return message;
  const std::string message = error.what();
  if (dynamic_cast<const CLI::FileError*>(&error) != nullptr) return file_message(app, message);
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) return value_message(app, message);
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr && message.ends_with(" is required"))
    return message.substr(0, message.size() - std::strlen(" is required")) + " is missing";
  return message;
}

}  // namespace srs::cli
