// Byte tables in tests: hexadecimal text to bytes, spaces ignored.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

inline std::vector<std::uint8_t> bytes_of(std::string_view hex) {
  const auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::vector<std::uint8_t> bytes;
  bool high = true;
  for (const char c : hex) {
    if (c == ' ') continue;
    if (high)
      bytes.push_back(static_cast<std::uint8_t>(digit(c) << 4));
    else
      bytes.back() = static_cast<std::uint8_t>(bytes.back() | digit(c));
    high = !high;
  }
  return bytes;
}

// Calls parse with every proper prefix of the bytes, each in memory of its own so that a sanitizer detects a
// read beyond the end.
template <class Parse>
void for_each_truncation(const std::vector<std::uint8_t>& bytes, Parse parse) {
  for (std::size_t size = 0; size < bytes.size(); ++size)
    parse(std::vector<std::uint8_t>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
}

// Calls parse with every bit flipped, one at a time.
template <class Parse>
void for_each_flipped_bit(std::vector<std::uint8_t> bytes, Parse parse) {
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1u << bit % 8);
    bytes[bit / 8] ^= mask;
    parse(bytes);
    bytes[bit / 8] ^= mask;
  }
}
