// PathRegex: names of streams by a regular expression, as MediaMTX's rules and tokens write them behind '~':
// "^live/cam[0-9]+$". It matches anywhere in the name, unless '^' and '$' say otherwise.
//
// Of Go's syntax, which MediaMTX has, these mean the same here: characters, '.', classes as [a-z_] with
// [:alpha:] and so on, \d \w \s and \D \W \S, '\' before a punctuation mark, groups and (?:groups), '|', '*',
// '+', '?', {3}, {3,}, {3,5}, also lazy ones, '^' and '$'. Everything else is refused: flags, \b, \pL and
// back-references, which Go does not have either. A value, cheap to copy; any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "access/regex_program.h"
#include "core/result.h"

namespace srs::access {

class PathRegex {
 public:
  static constexpr std::size_t max_bytes = 256, max_instructions = 512, max_path_bytes = 1024;

  // text: without '~', 1 to 256 bytes. Errors: what is not in the list above; control characters; repetitions
  // that come to more than 512 characters and branches.
  static Result<PathRegex> parse(std::string_view text);

  // False for paths of more than 1024 bytes. At most so many steps as its and the path's size multiplied.
  bool matches(std::string_view path) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::shared_ptr<const RegexProgram> program_;
};

}  // namespace srs::access
