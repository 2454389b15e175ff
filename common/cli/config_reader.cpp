#include "cli/config_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <istream>

#include "cli/did_you_mean.h"

namespace srs::cli {
namespace {

// Reads one byte more than allowed, so that too large a file can be detected.
std::string read_some(std::istream& input) {
  std::string text(max_config_bytes + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

std::vector<std::string> names_of(const std::vector<CLI::App*>& apps) {
  std::vector<std::string> names;
  for (CLI::App* app : apps)
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back(name);
      if (option->get_positional()) names.push_back(option->get_name(true));
    }
  return names;
}

CLI::Option* find_option(const std::vector<CLI::App*>& apps, const std::string& name) {
  for (CLI::App* app : apps)
    for (const std::string& written : {"--" + name, name.size() == 1 ? "-" + name : std::string(), name})
      if (CLI::Option* option = written.empty() ? nullptr : app->get_option_no_throw(written)) return option;
  return nullptr;
}

bool is_flag(const CLI::Option& option) {
  return option.get_expected_min() == 0;
}

// The value as CLI11 expects it for a flag; empty: not the value of a flag.
std::string flag_value(const std::string& text) {
  std::string word = text;
  for (char& c : word) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (word == "true" || word == "yes" || word == "on") return "true";
  if (word == "false" || word == "no" || word == "off" || word == "0") return "false";
  return word.size() == 1 && word[0] >= '1' && word[0] <= '9' ? word : "";
}

// An unquoted value of a repeatable option is split into several values.
void add_values(const CLI::Option& option, const ConfigValue& value, std::vector<std::string>& texts) {
  if (!value.bare || option.get_expected_max() <= 1) return texts.push_back(value.text);
  static constexpr std::string_view marks = ", \t";
  for (std::size_t at = 0; at < value.text.size();) {
    const std::size_t end = std::min(value.text.find_first_of(marks, at), value.text.size());
    if (end > at) texts.push_back(value.text.substr(at, end - at));
    at = end + 1;
  }
}

Error entry_error(const std::string& file, std::size_t line, const std::string& what) {
  return {Errc::usage, fmt::format("{}, line {}: {}", file, line, what)};
}

// The texts that CLI11 gets for an entry; errors without file and line.
Result<std::vector<std::string>> parse_values(const CLI::Option& option, const ConfigEntry& entry) {
  const auto wrong = [](std::string what) { return Error{Errc::usage, std::move(what)}; };
  if (!option.get_configurable()) return wrong(fmt::format("'{}' is for the command line only", entry.name));
  std::vector<std::string> texts;
  for (const ConfigValue& value : entry.values) add_values(option, value, texts);
  if (is_flag(option)) {
    const std::string text = texts.empty() ? "true" : flag_value(texts.front());
    if (texts.size() > 1 || text.empty())
      return wrong(fmt::format("'{}' is a flag: it is true or false", entry.name));
    texts = {option.get_flag_value(entry.name, text)};
  } else if (entry.values.empty()) {
    return wrong(fmt::format("'{}' needs a value: {}={}", entry.name, entry.name, option.get_type_name()));
  }
  if (texts.size() > 1 && option.get_expected_max() <= 1)
    return wrong(fmt::format("'{}' takes one value", entry.name));
  return texts;
}

}  // namespace

Result<void> ConfigReader::add_entry(const ConfigEntry& entry, const std::string& file,
                                     Settings& settings) const {
  const auto wrong = [&](const std::string& what) { return entry_error(file, entry.line, what); };
  std::vector<CLI::App*> apps;
  CLI::App* section = nullptr;
  if (!entry.section.empty()) {
    std::vector<std::string> sections;
    for (CLI::App* command : app_.get_subcommands([](const CLI::App*) { return true; })) {
      sections.push_back(command->get_name());
      if (command->get_name() == entry.section) section = command;
    }
    if (section == nullptr)
      return wrong(fmt::format(
          "there is no section [{}]{}", entry.section,
          sections.empty() ? " here: options stand without one" : did_you_mean(entry.section, sections)));
    apps.push_back(section);
  }
  apps.push_back(&app_);
  CLI::Option* const option = find_option(apps, entry.name);
  if (option == nullptr)
    return wrong(
        fmt::format("there is no option '{}'{}", entry.name, did_you_mean(entry.name, names_of(apps))));
  auto texts = parse_values(*option, entry);
  if (!texts) return wrong(texts.error().message);
  if (section != nullptr && !section->parsed()) return {};

  const auto known =
      std::find_if(settings.begin(), settings.end(), [&](const auto& one) { return one.first == option; });
  if (known == settings.end()) {
    settings.push_back({option, {entry.line, *std::move(texts)}});
    return {};
  }
  if (option->get_expected_max() <= 1)
    return wrong(fmt::format("'{}' is there already, in line {}", entry.name, known->second.line));
  known->second.texts.insert(known->second.texts.end(), texts->begin(), texts->end());
  return {};
}

Result<void> ConfigReader::read(const std::string& text, const std::string& file) const {
  const auto entries = parse_config(text, file);
  if (!entries) return entries.error();
  Settings settings;
  for (const ConfigEntry& entry : *entries)
    if (auto added = add_entry(entry, file, settings); !added) return added;
  for (auto& [option, values] : settings) {
    if (!option->empty() || values.texts.empty()) continue;
    try {
      option->add_result(values.texts);
      option->run_callback();
    } catch (const CLI::ParseError& error) {
      return entry_error(file, values.line, error.what());
    }
  }
  return {};
}

std::vector<CLI::ConfigItem> ConfigReader::from_config(std::istream& input) const {
  const auto file = app_.get_config_ptr()->as<std::string>();
  if (auto done = read(read_some(input), file); !done)
    throw CLI::FileError(done.error().message, CLI::ExitCodes::FileError);
  return {};
}

}  // namespace srs::cli
