#include "cli/help.h"

namespace srs::cli {

// CLI11 appends the value that a flag sets: --no-clock{false}.
std::string HelpFormatter::make_option_name(const CLI::Option* option, bool is_positional) const {
  std::string name = Formatter::make_option_name(option, is_positional);
  return name.substr(0, name.find('{'));
}

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  if (option->get_type_size() == 0 || option->get_type_name().empty() || option->get_positional()) return {};
  return " " + option->get_type_name();
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  const std::string default_text = option->get_type_size() == 0 ? "" : option->get_default_str();
  if (default_text.empty()) return option->get_description();
  return option->get_description() + " [default: " + default_text + "]";
}

}  // namespace srs::cli
