// UrlTemplate: the URL of the command line, in which {n} is the number of the player or publisher, 0 to N-1;
// {n:04} pads it with zeros to four digits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"

namespace srs::bench {

class UrlTemplate {
 public:
  static Result<UrlTemplate> parse(const std::string& text);
  std::string url(std::size_t n) const;
  // Whether every number gives another URL.
  bool numbered() const { return !numbers_.empty(); }

 private:
  struct Number {
    std::size_t at = 0;  // in text_
    unsigned width = 0;
  };
  std::string text_;  // without the placeholders
  std::vector<Number> numbers_;
};

}  // namespace srs::bench
