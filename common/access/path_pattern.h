// PathPattern: names of streams as rules write them: "live/cam1", "live/*", "live/**", "**/preview".
//
// '*' stands for any characters within a component, also none; "**" as a whole component for any number of
// components, also none. Everything else stands for itself. A value; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace srs::access {

class PathPattern {
 public:
  // At most 255 bytes, 16 components. Errors say what is wrong with it.
  static Result<PathPattern> parse(std::string_view text);

  bool matches(std::string_view path) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::string> components_;
};

}  // namespace srs::access
