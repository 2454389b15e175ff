#include "cli/option_kinds.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "cli/did_you_mean.h"
#include "cli/quantities.h"

namespace srs::cli {

CLI::Option* add_flag(CLI::App& app, const std::string& names, bool& value, const std::string& description) {
  return app.add_flag(names, value, description);
}

CLI::Option* add_value(CLI::App& app, const std::string& names, std::string& value, const std::string& type,
                       const std::string& description) {
  return app.add_option(names, value, description)->type_name(type)->default_str(value);
}

// One value a name: what follows may be an argument.
CLI::Option* add_values(CLI::App& app, const std::string& names, std::vector<std::string>& values,
                        const std::string& type, const std::string& description) {
  return app.add_option(names, values, description)->type_name(type)->allow_extra_args(false);
}

CLI::Option* add_argument(CLI::App& app, const std::string& name, std::string& value,
                          const std::string& description) {
  return app.add_option(name, value, description);
}

CLI::Option* add_arguments(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                           const std::string& description) {
  return app.add_option(name, values, description);
}

bool is_given(const CLI::Option& option) {
  return option.count() > 0;
}

void hide_default(CLI::Option& option) {
  option.default_str("");
}

void exclude(CLI::Option& one, CLI::Option& other) {
  one.excludes(&other);
}

CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& type, std::string fallback,
                      std::function<std::string(const std::string&)> set, const std::string& description) {
  const std::string name = names.substr(names.rfind(',') + 1);
  return app
      .add_option_function<std::string>(
          names,
          [name, set = std::move(set)](const std::string& text) {
            if (const std::string problem = set(text); !problem.empty())
              throw CLI::ValidationError(name, problem);
          },
          description)
      ->type_name(type)
      ->default_str(std::move(fallback));
}

CLI::Option* add_word(CLI::App& app, const std::string& names, std::vector<std::string> words,
                      std::size_t fallback, std::function<void(std::size_t)> set,
                      const std::string& description) {
  const std::string type = fmt::format("{}", fmt::join(words, "|"));
  const std::string default_text = fallback < words.size() ? words[fallback] : "";
  const auto set_word = [words = std::move(words),
                         set = std::move(set)](const std::string& text) -> std::string {
    const auto found = std::find(words.begin(), words.end(), text);
    if (found == words.end())
      return fmt::format("'{}' is none of {}{}", text, fmt::join(words, ", "), did_you_mean(text, words));
    set(static_cast<std::size_t>(found - words.begin()));
    return {};
  };
  return add_text(app, names, type, default_text, set_word, description);
}

CLI::Option* add_duration(CLI::App& app, const std::string& names, std::chrono::milliseconds& value,
                          const std::string& description) {
  const auto set = [&value](const std::string& text) -> std::string {
    const auto parsed = parse_duration(text);
    if (!parsed) return parsed.error().message;
    value = *parsed;
    return {};
  };
  return add_text(app, names, "DURATION", format_duration(value), set, description);
}

CLI::Option* add_size(CLI::App& app, const std::string& names, std::uint64_t& value_bytes,
                      const std::string& description) {
  const auto set = [&value_bytes](const std::string& text) -> std::string {
    const auto parsed = parse_size(text);
    if (!parsed) return parsed.error().message;
    value_bytes = *parsed;
    return {};
  };
  return add_text(app, names, "SIZE", format_size(value_bytes), set, description);
}

}  // namespace srs::cli
