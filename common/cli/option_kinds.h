// Options whose values have a certain form. Each shows its form and its default in --help, and rejects other
// values with a message that says what it accepts.
#pragma once

#include <charconv>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/app.h"

namespace srs::cli {

// For all of these: `names` as in CLI11 ("-n,--count"); the value must outlive parsing, and its content at
// the time of the call is the default in --help.

// On or off; names that begin with '!' turn it off.
CLI::Option* add_flag(CLI::App& app, const std::string& names, bool& value, const std::string& description);
// Any text. `type`: what --help calls it.
CLI::Option* add_value(CLI::App& app, const std::string& names, std::string& value, const std::string& type,
                       const std::string& description);
// The same, given once for each value.
CLI::Option* add_values(CLI::App& app, const std::string& names, std::vector<std::string>& values,
                        const std::string& type, const std::string& description);
// What stands without an option's name before it. `name`: what --help calls it.
CLI::Option* add_argument(CLI::App& app, const std::string& name, std::string& value,
                          const std::string& description);
CLI::Option* add_arguments(CLI::App& app, const std::string& name, std::vector<std::string>& values,
                           const std::string& description);

// Whether it is on the command line or in the file of --config.
bool is_given(const CLI::Option& option);
// --help shows no default: the description says how it is found.
void hide_default(CLI::Option& option);
// Both together are a usage error.
void exclude(CLI::Option& one, CLI::Option& other);

CLI::Option* add_duration(CLI::App& app, const std::string& names, std::chrono::milliseconds& value,
                          const std::string& description);
CLI::Option* add_size(CLI::App& app, const std::string& names, std::uint64_t& value_bytes,
                      const std::string& description);

// `set` gets the text and returns what is wrong with it, or nothing. `fallback`: the default in --help; may
// be empty.
CLI::Option* add_text(CLI::App& app, const std::string& names, const std::string& type, std::string fallback,
                      std::function<std::string(const std::string&)> set, const std::string& description);

// One of several words, in this order; `set` gets the index. `fallback`: an index, or words.size() for none.
CLI::Option* add_word(CLI::App& app, const std::string& names, std::vector<std::string> words,
                      std::size_t fallback, std::function<void(std::size_t)> set,
                      const std::string& description);

template <class Value>
struct ChoiceOf {
  using type = Value;
};
template <class Value>
struct ChoiceOf<std::optional<Value>> {
  using type = Value;
};

// The same, with a value for each word. If no word stands for `value` (an empty optional), --help shows no
// default.
template <class Value>
CLI::Option* add_choice(CLI::App& app, const std::string& names, Value& value,
                        std::vector<std::pair<std::string, typename ChoiceOf<Value>::type>> choices,
                        const std::string& description) {
  std::vector<std::string> words;
  std::size_t fallback = choices.size();
  for (std::size_t i = 0; i < choices.size(); ++i) {
    words.push_back(choices[i].first);
    if (value == choices[i].second) fallback = i;
  }
  const auto set = [&value, choices = std::move(choices)](std::size_t i) { value = choices[i].second; };
  return add_word(app, names, std::move(words), fallback, set, description);
}

// A whole number from `min` to `max`. A default below `min` (0: chosen by the tool) is not shown.
template <std::integral Number>
CLI::Option* add_number(CLI::App& app, const std::string& names, Number& value,
                        std::type_identity_t<Number> min, std::type_identity_t<Number> max,
                        const std::string& description) {
  const auto set = [&value, min, max](const std::string& text) -> std::string {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number < min || number > max)
      return "'" + text + "' is not a whole number from " + std::to_string(min) + " to " +
             std::to_string(max);
    value = number;
    return {};
  };
  return add_text(app, names, "N", value < min ? "" : std::to_string(value), set, description);
}

}  // namespace srs::cli
