// PathRegex: names of streams by a regular expression, as MediaMTX's rules and tokens write them behind '~':
// "^live/cam[0-9]+$".
//
// POSIX extended expressions (regcomp(3)), which match anywhere unless '^' and '$' say otherwise, with \d and
// \w besides. Everything in which they differ from Go's silently is refused, and so is what could take long:
// such expressions come in tokens. A value, cheap to copy; any thread.
#pragma once

#include <regex.h>

#include <memory>
#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::access {

class PathRegex {
 public:
  // text: without '~', 1 to 256 bytes. Errors: what regcomp() does not take; control characters;
  // back-references and other '\' before a letter or digit; '\' within brackets; "(?"; repetitions as
  // {1,8} that come to more than 64 all multiplied.
  static Result<PathRegex> parse(std::string_view text);

  // False for paths of more than 1024 bytes.
  bool matches(const std::string& path) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const regex_t> compiled_;
};

}  // namespace srs::access
