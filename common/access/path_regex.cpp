#include "access/path_regex.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace srs::access {
namespace {

using Kind = RegexInstruction::Kind;

constexpr std::size_t max_repeats = 1000;  // as in Go

struct NamedClass {
  std::string_view name;
  std::string_view ranges;  // pairs of characters
};
constexpr std::array<NamedClass, 9> named_classes{{{"alnum", "09AZaz"},
                                                   {"alpha", "AZaz"},
                                                   {"digit", "09"},
                                                   {"lower", "az"},
                                                   {"upper", "AZ"},
                                                   {"punct", "!/:@[`{~"},
                                                   {"space", "\t\r  "},
                                                   {"word", "09AZaz__"},
                                                   {"xdigit", "09AFaf"}}};

void add_ranges(CharacterClass& to, std::string_view pairs) {
  for (; pairs.size() >= 2; pairs.remove_prefix(2))
    to.ranges.emplace_back(static_cast<unsigned char>(pairs[0]), static_cast<unsigned char>(pairs[1]));
}

// \d, \w, \s; empty for others. letter: in lower case.
std::string_view escaped_class(char32_t letter) {
  return letter == 'd' ? "09" : letter == 'w' ? "09AZaz__" : letter == 's' ? "\t\n\f\r  " : "";
}

int program_size(const RegexProgram& program) {
  return static_cast<int>(program.size());
}

void put_behind(RegexProgram& to, const RegexProgram& more) {
  to.insert(to.end(), more.begin(), more.end());
}

RegexProgram optional_part(const RegexProgram& part) {
  RegexProgram program{{Kind::split, 1, program_size(part) + 1}};
  put_behind(program, part);
  return program;
}

RegexProgram any_number(const RegexProgram& part) {
  RegexProgram program{{Kind::split, 1, program_size(part) + 2}};
  put_behind(program, part);
  program.push_back({Kind::jump, -program_size(part) - 1});
  return program;
}

RegexProgram either_of(const RegexProgram& a, const RegexProgram& b) {
  RegexProgram program{{Kind::split, 1, program_size(a) + 2}};
  put_behind(program, a);
  program.push_back({Kind::jump, program_size(b) + 1});
  put_behind(program, b);
  return program;
}

// Recursive descent; throws Refused, which does not leave this file.
class RegexParser {
 public:
  struct Refused {
    const char* why;
  };

  explicit RegexParser(std::string_view text) : text_(characters_of(text)) {}

  RegexProgram parse() {
    RegexProgram program = alternatives();
    if (more()) throw Refused{") without ("};
    return program;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  bool is_next(char32_t character) const { return more() && text_[at_] == character; }
  bool accept(char32_t character) {
    if (!is_next(character)) return false;
    ++at_;
    return true;
  }
  char32_t take(const char* why_not) {
    if (!more()) throw Refused{why_not};
    return text_[at_++];
  }
  static void check_size(std::size_t size) {
    if (size > PathRegex::max_instructions) throw Refused{"it is too large with its repetitions written out"};
  }

  RegexProgram alternatives() {
    RegexProgram program = sequence();
    while (accept('|')) {
      program = either_of(program, sequence());
      check_size(program.size());
    }
    return program;
  }

  RegexProgram sequence() {
    RegexProgram program;
    while (more() && !is_next('|') && !is_next(')')) {
      put_behind(program, repeated(one()));
      check_size(program.size());
    }
    return program;
  }

  // At most one repetition, as in Go.
  RegexProgram repeated(const RegexProgram& part) {
    RegexProgram program;
    if (accept('*'))
      program = any_number(part);
    else if (accept('+'))
      program = copies(part, 1, std::nullopt);
    else if (accept('?'))
      program = optional_part(part);
    else if (accept('{'))
      program = counted(part);
    else
      return part;
    accept('?');  // a lazy one finds the same
    if (is_next('*') || is_next('+') || is_next('?') || is_next('{'))
      throw Refused{"a repetition of a repetition"};
    return program;
  }

  // {3}, {3,}, {3,5}
  RegexProgram counted(const RegexProgram& part) {
    const std::size_t least = number();
    std::optional<std::size_t> most = least;
    if (accept(',')) {
      most.reset();
      if (!is_next('}')) most = number();
    }
    if (!accept('}') || (most && *most < least))
      throw Refused{"repetitions are written as {3}, {3,} and {3,5}"};
    return copies(part, least, most);
  }

  std::size_t number() {
    std::size_t value = 0;
    if (!more() || text_[at_] < '0' || text_[at_] > '9')
      throw Refused{"repetitions are written as {3}, {3,} and {3,5}"};
    while (more() && text_[at_] >= '0' && text_[at_] <= '9') {
      value = 10 * value + (text_[at_++] - '0');
      if (value > max_repeats) throw Refused{"more than 1000 repetitions"};
    }
    return value;
  }

  static RegexProgram copies(const RegexProgram& part, std::size_t least, std::optional<std::size_t> most) {
    check_size((part.size() + 1) * most.value_or(least + 1));
    RegexProgram program;
    for (std::size_t i = 0; i < least; ++i) put_behind(program, part);
    if (!most) put_behind(program, any_number(part));
    for (std::size_t i = least; most && i < *most; ++i) put_behind(program, optional_part(part));
    return program;
  }

  RegexProgram one() {
    const char32_t character = take("");
    switch (character) {
      case '(':
        return group();
      case '[':
        return {{Kind::take, 1, 1, brackets()}};
      case '.':
        return {{Kind::take, 1, 1, {{{'\n', '\n'}}, true}}};
      case '^':
        return {{Kind::begin}};
      case '$':
        return {{Kind::end}};
      case '\\':
        return {{Kind::take, 1, 1, escape()}};
      case '*':
      case '+':
      case '?':
      case '{':
        throw Refused{"a repetition of nothing"};
      default:
        if (character < 0x20 || character == 0x7f) throw Refused{"a control character"};
        return {{Kind::take, 1, 1, {{{character, character}}, false}}};
    }
  }

  RegexProgram group() {
    if (accept('?') && !accept(':')) throw Refused{"(? is known here only as (?:"};
    RegexProgram program = alternatives();
    if (!accept(')')) throw Refused{"( without )"};
    return program;
  }

  // Behind '\'.
  CharacterClass escape() {
    const char32_t character = take("\\ at the end");
    const bool upper = character >= 'A' && character <= 'Z';
    CharacterClass read;
    add_ranges(read, escaped_class(upper ? character - 'A' + 'a' : character));
    read.negated = upper;
    if (!read.ranges.empty()) return read;
    const bool is_punctuation = character > 0x20 && character < 0x7f &&
                                !(character >= '0' && character <= '9') && !upper &&
                                !(character >= 'a' && character <= 'z');
    if (!is_punctuation)
      throw Refused{"of \\ are known here \\d \\w \\s \\D \\W \\S and \\ before a punctuation mark"};
    return {{{character, character}}, false};
  }

  // Behind '['.
  CharacterClass brackets() {
    CharacterClass read;
    read.negated = accept('^');
    bool first = true;
    while (first || !is_next(']')) {
      if (is_next('[') && at_ + 1 < text_.size() && text_[at_ + 1] == ':')
        add_ranges(read, named_class());
      else
        add_member(read);
      first = false;
    }
    accept(']');
    return read;
  }

  // A character, a range or \d.
  void add_member(CharacterClass& to) {
    const CharacterClass begin = member();
    const bool is_range = is_next('-') && at_ + 1 < text_.size() && text_[at_ + 1] != ']';
    if (!is_range) {
      to.ranges.insert(to.ranges.end(), begin.ranges.begin(), begin.ranges.end());
      return;
    }
    accept('-');
    const CharacterClass end = member();
    const auto is_single = [](const CharacterClass& one) {
      return one.ranges.size() == 1 && one.ranges[0].first == one.ranges[0].second;
    };
    if (!is_single(begin) || !is_single(end) || begin.ranges[0].first > end.ranges[0].first)
      throw Refused{"a range of characters that is none"};
    to.ranges.emplace_back(begin.ranges[0].first, end.ranges[0].first);
  }

  CharacterClass member() {
    const char32_t character = take("[ without ]");
    if (character < 0x20 || character == 0x7f) throw Refused{"a control character"};
    if (character != '\\') return {{{character, character}}, false};
    CharacterClass read = escape();
    if (read.negated) throw Refused{"\\D, \\W, \\S within brackets"};
    return read;
  }

  // [:alpha:]
  std::string_view named_class() {
    std::string name;
    for (at_ += 2; more() && text_[at_] != ':'; ++at_) name.push_back(static_cast<char>(text_[at_] & 0x7f));
    if (!accept(':') || !accept(']')) throw Refused{"[: without :]"};
    for (const NamedClass& known : named_classes)
      if (known.name == name) return known.ranges;
    throw Refused{"a class of characters that is not known here"};
  }

  std::vector<char32_t> text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<PathRegex> PathRegex::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error{Errc::usage, "~" + std::string(text.substr(0, max_bytes)) + ": " + std::string(why)};
  };
  if (text.empty() || text.size() > max_bytes) return wrong("1 to 256 bytes are wanted");
  PathRegex regex;
  regex.text_ = text;
  try {
    regex.program_ = std::make_shared<const RegexProgram>(RegexParser(text).parse());
  } catch (const RegexParser::Refused& refused) {
    return wrong(refused.why);
  }
  return regex;
}

bool PathRegex::matches(std::string_view path) const {
  return program_ && path.size() <= max_path_bytes && is_found(*program_, path);
}

}  // namespace srs::access
