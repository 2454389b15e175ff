#include "srs-bench/options/url_template.h"

#include <fmt/format.h>

#include <charconv>

namespace srs::bench {

Result<UrlTemplate> UrlTemplate::parse(const std::string& text) {
  UrlTemplate made;
  std::size_t at = 0;
  for (;;) {
    const std::size_t open = text.find('{', at);
    made.text_ += text.substr(at, open - at);
    if (open == std::string::npos) return made;
    const std::size_t close = text.find('}', open);
    const std::string inside = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
    Number number{made.text_.size(), 0};
    if (inside != "n") {
      // A large width is a mistake, and would make very long URLs.
      const char* const end = inside.data() + inside.size();
      const bool has_width = inside.starts_with("n:0") && inside.size() > 3;
      const auto [rest, error] = has_width ? std::from_chars(inside.data() + 3, end, number.width)
                                           : std::from_chars_result{end, std::errc::invalid_argument};
      if (error != std::errc{} || rest != end || number.width > 20)
        return Error{Errc::usage,
                     fmt::format("'{}' is not a URL template: write {{n}} or {{n:04}} for the number", text)};
    }
    made.numbers_.push_back(number);
    at = close + 1;
  }
}

std::string UrlTemplate::url(std::size_t n) const {
  std::string url;
  std::size_t at = 0;
  for (const Number& number : numbers_) {
    url += text_.substr(at, number.at - at);
    url += fmt::format("{:0{}}", n, number.width);
    at = number.at;
  }
  return url + text_.substr(at);
}

}  // namespace srs::bench
