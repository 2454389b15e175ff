// The control characters of ASCII, which neither a target nor a field may hold.
#pragma once

namespace srs::http {

constexpr bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace srs::http
