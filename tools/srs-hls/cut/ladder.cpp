#include "srs-hls/cut/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "srs-hls/playlist/playlist.h"

namespace srs::hls {
namespace {

constexpr std::size_t playlist_size_max = 64u << 20;

bool is_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool names_rendition(std::string_view suffix) {
  constexpr std::array<std::string_view, 5> words{"source", "low", "medium", "high", "audio"};
  if (std::find(words.begin(), words.end(), suffix) != words.end()) return true;
  if (suffix.starts_with("track") && is_digits(suffix.substr(5))) return true;
  if (suffix.ends_with('k')) return is_digits(suffix.substr(0, suffix.size() - 1));
  const auto p = suffix.find('p');
  if (p == suffix.npos || !is_digits(suffix.substr(0, p))) return false;
  return p + 1 == suffix.size() || is_digits(suffix.substr(p + 1));
}

}  // namespace

std::string ladder_of(const std::string& path) {
  const auto underscore = path.rfind('_');
  const auto slash = path.rfind('/');
  const std::size_t name = slash == path.npos ? 0 : slash + 1;
  if (underscore == path.npos || underscore <= name) return {};
  return names_rendition(std::string_view(path).substr(underscore + 1)) ? path.substr(0, underscore) : "";
}

std::string track_path(const std::string& path, std::uint8_t track) {
  return track == 0 ? path : fmt::format("{}_track{}", path, track);
}

std::uint64_t next_sequence_of_ladder(const std::string& ladder, const std::string& name,
                                      const Directory* directory) {
  std::uint64_t next = 0;
  if (directory == nullptr) return next;
  const auto slash = ladder.rfind('/');
  const std::string folder = slash == ladder.npos ? "" : ladder.substr(0, slash);
  for (const std::string& entry : directory->list(folder)) {
    const std::string path = folder.empty() ? entry : folder + "/" + entry;
    if (path != ladder && ladder_of(path) != ladder) continue;
    const auto text = directory->read(fmt::format("{}/{}.m3u8", path, name), playlist_size_max);
    if (!text) continue;
    if (const auto list = parse_playlist(*text)) next = std::max(next, list->next_sequence());
  }
  return next;
}

}  // namespace srs::hls
