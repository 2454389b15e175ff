#include "cli/config_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cli/quantities.h"

namespace srs::cli {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool has_controls(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

class ConfigParser {
 public:
  ConfigParser(std::string_view text, const std::string& file) : rest_(text), file_(file) {}
  Result<std::vector<ConfigEntry>> parse();

 private:
  std::optional<std::string_view> next_line();
  Error syntax_error(std::string_view what, std::size_t line = 0) const;
  Result<void> parse_section(std::string_view line);
  Result<void> parse_entry(std::string_view line);
  Result<void> parse_list(std::string_view text, ConfigEntry& entry);
  Result<std::string> parse_quoted(std::string_view& text) const;
  static std::string parse_bare(std::string_view& text, std::string_view ends);
  static bool is_rest_empty(std::string_view text);

  std::string_view rest_;
  const std::string& file_;
  std::size_t line_ = 0;
  std::string section_;
  std::vector<ConfigEntry> entries_;
};

Error ConfigParser::syntax_error(std::string_view what, std::size_t line) const {
  return {Errc::usage, fmt::format("{}, line {}: {}", file_, line > 0 ? line : line_, what)};
}

std::optional<std::string_view> ConfigParser::next_line() {
  if (rest_.empty()) return std::nullopt;
  const std::size_t end = std::min(rest_.find('\n'), rest_.size());
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  ++line_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return trim(line);
}

// Whether nothing follows but a comment.
bool ConfigParser::is_rest_empty(std::string_view text) {
  const std::string_view rest = trim(text);
  return rest.empty() || rest.front() == '#' || rest.front() == ';';
}

// Up to one of `ends` or to a comment after a blank; trimmed.
std::string ConfigParser::parse_bare(std::string_view& text, std::string_view ends) {
  std::size_t end = 0;
  while (end < text.size() && ends.find(text[end]) == ends.npos &&
         !(text[end] == '#' && (end == 0 || is_blank(text[end - 1]))))
    ++end;
  const std::string parsed(trim(text.substr(0, end)));
  text.remove_prefix(end);
  return parsed;
}

// `text` begins with a quotation mark.
Result<std::string> ConfigParser::parse_quoted(std::string_view& text) const {
  const char mark = text.front();
  std::string parsed;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == mark) {
      text.remove_prefix(i + 1);
      return parsed;
    }
    const bool escapes = mark == '"' && text[i] == '\\' && i + 1 < text.size();
    if (escapes && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    parsed += text[i];
  }
  return syntax_error(fmt::format("a {} opens a text that does not end on this line", mark));
}

Result<void> ConfigParser::parse_section(std::string_view line) {
  const std::size_t end = line.find(']');
  if (end == line.npos || !is_rest_empty(line.substr(end + 1)))
    return syntax_error("a section is a name in brackets, alone on its line");
  section_ = trim(line.substr(1, end - 1));
  if (section_.empty() || section_.find('[') != section_.npos)
    return syntax_error("a section is a name in brackets");
  if (section_ == "default") section_.clear();
  return {};
}

// `text` is what follows the opening bracket.
Result<void> ConfigParser::parse_list(std::string_view text, ConfigEntry& entry) {
  bool wants_comma = false;
  for (;;) {
    text = trim(text);
    if (text.empty() || text.front() == '#') {
      const auto line = next_line();
      if (!line) return syntax_error("a [ opens a list that does not end", entry.line);
      if (has_controls(*line)) return syntax_error("there is a control character in it");
      text = *line;
      continue;
    }
    if (text.front() == ']') {
      if (!is_rest_empty(text.substr(1))) return syntax_error("something follows the list's ]");
      return {};
    }
    if (text.front() == ',') {
      if (!wants_comma) return syntax_error("a comma too many in the list");
      wants_comma = false;
      text.remove_prefix(1);
      continue;
    }
    if (wants_comma) return syntax_error("two items of the list have no comma between them");
    if (text.front() == '[') return syntax_error("a list has no lists in it");
    wants_comma = true;
    if (text.front() != '"' && text.front() != '\'') {
      entry.values.push_back({parse_bare(text, ",]"), false});
      continue;
    }
    auto parsed = parse_quoted(text);
    if (!parsed) return std::move(parsed).error();
    entry.values.push_back({*std::move(parsed), false});
  }
}

Result<void> ConfigParser::parse_entry(std::string_view line) {
  ConfigEntry entry{section_, {}, {}, line_};
  const std::size_t equals = line.find('=');
  std::string_view before = line.substr(0, equals);
  entry.name = equals == line.npos ? parse_bare(before, "") : std::string(trim(before));
  if (entry.name.size() > 2 && (entry.name.front() == '"' || entry.name.front() == '\'') &&
      entry.name.back() == entry.name.front())
    entry.name = entry.name.substr(1, entry.name.size() - 2);
  while (entry.name.starts_with('-')) entry.name.erase(0, 1);
  if (entry.name.empty() || entry.name.find_first_of(" \t\"'") != entry.name.npos)
    return syntax_error("this is not a line like name=value");
  if (equals != line.npos) {
    std::string_view value = trim(line.substr(equals + 1));
    if (value.starts_with('[')) {
      if (auto parsed = parse_list(value.substr(1), entry); !parsed) return parsed;
      if (entry.values.empty()) return {};  // an empty list: as if the line was not there
    } else if (value.starts_with('"') || value.starts_with('\'')) {
      auto parsed = parse_quoted(value);
      if (!parsed) return std::move(parsed).error();
      if (!is_rest_empty(value)) return syntax_error("something follows the closing quotation mark");
      entry.values.push_back({*std::move(parsed), false});
    } else {
      entry.values.push_back({parse_bare(value, ""), true});
    }
  }
  entries_.push_back(std::move(entry));
  return {};
}

Result<std::vector<ConfigEntry>> ConfigParser::parse() {
  if (rest_.size() > max_config_bytes)
    return Error{Errc::usage, fmt::format("{}: larger than {}", file_, format_size(max_config_bytes))};
  if (rest_.starts_with("\xef\xbb\xbf")) rest_.remove_prefix(3);
  while (const auto line = next_line()) {
    if (is_rest_empty(*line)) continue;
    if (has_controls(*line)) return syntax_error("there is a control character in it");
    auto parsed = line->starts_with('[') ? parse_section(*line) : parse_entry(*line);
    if (!parsed) return std::move(parsed).error();
  }
  return std::move(entries_);
}

}  // namespace

Result<std::vector<ConfigEntry>> parse_config(std::string_view text, const std::string& file) {
  return ConfigParser(text, file).parse();
}

}  // namespace srs::cli
