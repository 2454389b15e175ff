#include "access/path_regex.h"

#include <algorithm>
#include <charconv>

namespace srs::access {
namespace {

constexpr std::size_t max_regex_bytes = 256, max_regex_path_bytes = 1024;
constexpr unsigned max_repetitions = 64;

// Reads an expression that people wrote for Go, and writes one for regcomp().
class RegexReader {
 public:
  explicit RegexReader(std::string_view text) : rest_(text) {}

  Result<std::string> posix() {
    while (!rest_.empty()) {
      auto read = read_next();
      if (!read) return std::move(read).error();
    }
    return std::move(posix_);
  }

 private:
  static Error wrong(const char* why) { return {Errc::usage, why}; }

  void take(std::size_t size) {
    posix_.append(rest_.substr(0, size));
    rest_.remove_prefix(size);
  }

  Result<void> read_next() {
    const auto c = static_cast<unsigned char>(rest_.front());
    if (c < 0x20 || c == 0x7f) return wrong("a control character");
    if (c == '\\') return read_escape();
    if (c == '[') return read_brackets();
    if (c == '{') return read_repetition();
    if (rest_.starts_with("(?")) return wrong("(? is not known here");
    take(1);
    return {};
  }

  Result<void> read_escape() {
    const char escaped = rest_.size() > 1 ? rest_[1] : 'x';
    if (escaped == 'd' || escaped == 'w') {
      posix_ += escaped == 'd' ? "[0-9]" : "[A-Za-z0-9_]";
      rest_.remove_prefix(2);
      return {};
    }
    if (std::string_view(".[]{}()*+?^$|\\/-").find(escaped) == std::string_view::npos)
      return wrong("only \\d, \\w, and \\ before a punctuation mark are known here");
    // To regcomp() some are no special characters, and '\' before those is not defined.
    if (escaped == '/' || escaped == '-' || escaped == ']' || escaped == '}')
      rest_.remove_prefix(1), take(1);
    else
      take(2);
    return {};
  }

  Result<void> read_brackets() {
    std::size_t at = rest_.starts_with("[^") ? 2 : 1;
    if (at < rest_.size() && rest_[at] == ']') return wrong("] as the first in brackets");
    for (; at < rest_.size() && rest_[at] != ']'; ++at) {
      if (rest_[at] == '\\') return wrong("\\ within brackets");
      if (static_cast<unsigned char>(rest_[at]) < 0x20) return wrong("a control character");
      if (rest_[at] != '[') continue;
      const auto end = rest_.substr(at).starts_with("[:") ? rest_.find(":]", at + 2) : rest_.npos;
      if (end == rest_.npos) return wrong("[ within brackets");
      at = end + 1;
    }
    if (at >= rest_.size()) return wrong("[ without ]");
    take(at + 1);
    return {};
  }

  // {3}, {3,}, {3,5}
  Result<void> read_repetition() {
    const auto end = rest_.find('}');
    if (end == rest_.npos) return wrong("{ without }");
    const std::string_view inside = rest_.substr(1, end - 1);
    const auto comma = inside.find(',');
    const auto most = comma == inside.npos || comma + 1 == inside.size() ? inside.substr(0, comma)
                                                                         : inside.substr(comma + 1);
    for (const std::string_view number : {inside.substr(0, comma), most}) {
      unsigned value = 0;
      const auto [stop, error] = std::from_chars(number.data(), number.data() + number.size(), value);
      if (error != std::errc() || stop != number.data() + number.size() || value > max_repetitions)
        return wrong("repetitions are written as {3}, {3,} and {3,5}, up to 64");
      if (number.data() == most.data()) repetitions_ *= std::max(1u, value);
    }
    if (repetitions_ > max_repetitions) return wrong("repetitions that come to more than 64");
    take(end + 1);
    return {};
  }

  std::string_view rest_;
  std::string posix_;
  unsigned repetitions_ = 1;  // at most 64 * 64 * 64 for a moment
};

}  // namespace

Result<PathRegex> PathRegex::parse(std::string_view text) {
  const auto wrong = [&](std::string_view why) {
    return Error{Errc::usage, "~" + std::string(text.substr(0, max_regex_bytes)) + ": " + std::string(why)};
  };
  if (text.empty() || text.size() > max_regex_bytes) return wrong("1 to 256 bytes are wanted");
  auto posix = RegexReader(text).posix();
  if (!posix) return wrong(posix.error().message);
  regex_t fresh;
  if (const int error = ::regcomp(&fresh, posix->c_str(), REG_EXTENDED | REG_NOSUB); error != 0) {
    char reason[128] = {};
    ::regerror(error, &fresh, reason, sizeof reason);
    return wrong(reason);
  }
  PathRegex regex;
  regex.text_ = text;
  regex.compiled_ = std::shared_ptr<const regex_t>(new regex_t(fresh), [](const regex_t* compiled) {
    ::regfree(const_cast<regex_t*>(compiled));
    delete compiled;
  });
  return regex;
}

bool PathRegex::matches(const std::string& path) const {
  return compiled_ && path.size() <= max_regex_path_bytes &&
         ::regexec(compiled_.get(), path.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace srs::access
