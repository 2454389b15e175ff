#include "http/range.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace srs::http {
namespace {

// Digits only; a number beyond 64 bits is beyond every file.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc::result_out_of_range ? UINT64_MAX : value;
}

}  // namespace

RangeRequest parse_range(std::string_view field, std::uint64_t file_size_bytes) {
  constexpr std::string_view unit = "bytes=";
  if (!field.starts_with(unit)) return {};
  field.remove_prefix(unit.size());
  const auto dash = field.find('-');
  if (dash == field.npos) return {};
  const std::string_view first_text = field.substr(0, dash), last_text = field.substr(dash + 1);
  auto first = number(first_text);
  auto last = number(last_text);
  // A comma (several ranges) is no digit, so it ends here as well.
  if ((!first_text.empty() && !first) || (!last_text.empty() && !last) || (!first && !last)) return {};
  if (!first) {  // the last so many bytes
    if (*last == 0 || file_size_bytes == 0) return {RangeRequest::unsatisfiable};
    const std::uint64_t size = std::min(*last, file_size_bytes);
    return {RangeRequest::part, file_size_bytes - size, size};
  }
  if (last && *last < *first) return {};
  if (*first >= file_size_bytes) return {RangeRequest::unsatisfiable};
  const std::uint64_t end = last ? std::min(*last, file_size_bytes - 1) : file_size_bytes - 1;
  return {RangeRequest::part, *first, end - *first + 1};
}

}  // namespace srs::http
