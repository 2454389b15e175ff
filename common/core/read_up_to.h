// Reading small files that people write.
#pragma once

#include <fstream>
#include <optional>
#include <string>

namespace srs {

// The file's bytes, but no more than max_bytes + 1, by which callers see that it is larger. Nothing if it
// cannot be opened or read: see errno.
inline std::optional<std::string> read_up_to(const std::string& path, std::size_t max_bytes) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(max_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace srs
