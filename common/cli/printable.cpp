#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "cli/log.h"

namespace srs::cli {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;  // 0: not UTF-8
};

// Shortest forms only, no surrogates, nothing beyond U+10FFFF (RFC 3629 section 3).
Character decode_first(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return {first, 1};
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes > text.size()) return {};
  char32_t code = first & (0xffu >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {};
    code = (code << 6) | (byte(i) & 0x3fu);
  }
  static constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[bytes] || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff) return {};
  return {code, bytes};
}

bool is_shown(char32_t code) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range hidden[] = {
      {0x00, 0x1f},       {0x7f, 0x9f},  // C0, DEL, C1
      {0xad, 0xad},                      // soft hyphen
      {0x61c, 0x61c},                    // Arabic letter mark
      {0x180e, 0x180e},                  // Mongolian vowel separator
      {0x200b, 0x200f},                  // zero width, direction marks
      {0x2028, 0x202e},                  // separators, embeddings and overrides of direction
      {0x2060, 0x206f},                  // word joiner, isolates of direction
      {0xfeff, 0xfeff},                  // byte order mark
      {0xfff9, 0xfffb},                  // interlinear annotations
      {0xe0000, 0xe007f},                // tags
  };
  return std::none_of(std::begin(hidden), std::end(hidden),
                      [&](const Range& range) { return code >= range.first && code <= range.last; });
}

}  // namespace

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const Character character = decode_first(text);
    const std::size_t bytes = std::max<std::size_t>(character.bytes, 1);
    if (character.bytes > 0 && is_shown(character.code)) {
      safe += text.substr(0, bytes);
    } else {
      for (const char byte : text.substr(0, bytes))
        safe += fmt::format("\\x{:02x}", static_cast<std::uint8_t>(byte));
    }
    text.remove_prefix(bytes);
  }
  return safe;
}

std::string peer_text(std::string_view text) {
  if (text.size() <= max_peer_text_bytes) return printable(text);
  std::size_t end = max_peer_text_bytes;
  // Do not cut a character in two.
  while (end > max_peer_text_bytes - 3 && (static_cast<std::uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return printable(text.substr(0, end)) + "...";
}

}  // namespace srs::cli
