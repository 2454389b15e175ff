// Byte ranges (RFC 9110 section 14).
#pragma once

#include <cstdint>
#include <string_view>

namespace srs::http {

struct RangeRequest {
  enum Kind {
    whole,          // no range, several, or one that is malformed: send everything
    part,           // 206 with first and size_bytes
    unsatisfiable,  // 416
  };
  Kind kind = whole;
  std::uint64_t first = 0;
  std::uint64_t size_bytes = 0;
};

// The value of a Range field against a file of this size.
RangeRequest parse_range(std::string_view field, std::uint64_t file_size_bytes);

}  // namespace srs::http
