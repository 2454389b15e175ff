#include "media/stream_path.h"

#include <algorithm>

#include "cli/log.h"

namespace srs::media {
namespace {

bool is_allowed(unsigned char c) {
  static constexpr std::string_view refused = "%\\?#*\"'<>|: ";
  return c > 0x1f && c != 0x7f && refused.find(static_cast<char>(c)) == refused.npos;
}

Error bad_path(const char* why) {
  return {Errc::invalid_data, std::string("bad stream name: ") + why};
}

}  // namespace

Result<std::string> parse_stream_path(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  if (text.empty()) return bad_path("it is empty");
  if (text.size() > max_stream_path_size) return bad_path("it is longer than 255 bytes");
  if (!std::all_of(text.begin(), text.end(), is_allowed))
    return bad_path("it holds a control character, white space or one of % \\ ? # * \" ' < > | :");
  if (cli::printable(text) != text) return bad_path("it is not UTF-8, or holds what no eye sees");
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    if (end == start) return bad_path("a component is empty");
    if (text[start] == '.') return bad_path("a component starts with '.'");
    start = end + 1;
  }
  return std::string(text);
}

}  // namespace srs::media
