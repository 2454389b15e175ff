#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "srs-hls/playlist/playlist.h"

namespace srs::hls {
namespace {

using std::chrono::milliseconds;

constexpr std::string_view state_tag = "# srs-hls ";

template <class Number>
bool read_number(std::string_view text, Number& value) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

// Sets value to the rest of a line that begins with `name`.
bool consume_prefix(std::string_view line, std::string_view name, std::string_view& value) {
  if (!line.starts_with(name)) return false;
  value = line.substr(name.size());
  return true;
}

Error malformed(std::string_view line) {
  return Error{Errc::invalid_data, fmt::format("not a playlist of srs-hls: \"{}\"", line.substr(0, 80))};
}

// Parses line by line; a segment's tags are collected in `next` until its URI comes.
class Parser {
 public:
  Result<void> parse_line(std::string_view line) {
    std::string_view value;
    if (line.empty()) return {};
    if (line[0] != '#') return parse_uri(line);
    if (consume_prefix(line, state_tag, value)) return list_.state = value, Result<void>{};
    if (consume_prefix(line, "#EXT-X-TARGETDURATION:", value))
      return check(read_number(value, list_.target_duration_s), line);
    if (consume_prefix(line, "#EXT-X-MEDIA-SEQUENCE:", value))
      return check(read_number(value, list_.media_sequence), line);
    if (consume_prefix(line, "#EXT-X-DISCONTINUITY-SEQUENCE:", value))
      return check(read_number(value, list_.discontinuity_sequence), line);
    if (line == "#EXT-X-INDEPENDENT-SEGMENTS") independent_ = true;
    if (line == "#EXT-X-DISCONTINUITY") next_.discontinuity = true;
    if (line == "#EXT-X-GAP") next_.gap = true;
    if (line == "#EXT-X-ENDLIST") list_.ended = true;
    if (line == "#EXT-X-PLAYLIST-TYPE:EVENT") list_.type = PlaylistType::event;
    if (line == "#EXT-X-PLAYLIST-TYPE:VOD") list_.type = PlaylistType::vod;
    if (consume_prefix(line, "#EXT-X-KEY:", value)) key_ = value == "METHOD=NONE" ? "" : value;
    if (consume_prefix(line, "#EXT-X-MAP:URI=\"", value)) return parse_map(value, line);
    if (consume_prefix(line, "#EXT-X-PROGRAM-DATE-TIME:", value)) return parse_time(value);
    if (consume_prefix(line, "#EXTINF:", value)) return parse_duration(value, line);
    return {};
  }

  Result<Playlist> finish() {
    constexpr std::uint64_t sequence_max = std::uint64_t{1} << 62;
    if (list_.target_duration_s <= 0 || list_.target_duration_s > 86'400)
      return malformed("#EXT-X-TARGETDURATION");
    if (list_.media_sequence > sequence_max || list_.discontinuity_sequence > sequence_max)
      return malformed("#EXT-X-MEDIA-SEQUENCE");
    for (Segment& segment : list_.segments) segment.independent = independent_;
    return std::move(list_);
  }

 private:
  static Result<void> check(bool ok, std::string_view line) {
    if (!ok) return malformed(line);
    return {};
  }

  Result<void> parse_uri(std::string_view uri) {
    if (!has_duration_) return malformed(uri);
    next_.uri = uri;
    next_.map = map_;
    next_.key = key_;
    list_.segments.push_back(std::move(next_));
    next_ = {};
    has_duration_ = false;
    return {};
  }

  // HLS has no tag for "from here on without a map".
  Result<void> parse_map(std::string_view value, std::string_view line) {
    const auto end = value.find('"');
    if (end == value.npos || end == 0) return malformed(line);
    map_ = value.substr(0, end);
    return {};
  }

  Result<void> parse_time(std::string_view value) {
    const auto time = parse_utc(value);
    if (!time) return time.error();
    next_.program_date_time = *time;
    return {};
  }

  Result<void> parse_duration(std::string_view value, std::string_view line) {
    constexpr double duration_max_s = 86'400;
    double duration_s = 0;
    if (!read_number(value.substr(0, value.find(',')), duration_s) ||
        !(duration_s >= 0 && duration_s <= duration_max_s))
      return malformed(line);
    next_.duration = milliseconds(std::llround(duration_s * 1000));
    has_duration_ = true;
    return {};
  }

  Playlist list_;
  Segment next_;
  std::string map_, key_;  // of the following segments
  bool has_duration_ = false;
  bool independent_ = false;
};

}  // namespace

Result<Playlist> parse_playlist(std::string_view text) {
  if (!text.starts_with("#EXTM3U\n")) return malformed(text.substr(0, text.find('\n')));
  Parser parser;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    if (auto parsed = parser.parse_line(text.substr(0, end)); !parsed) return std::move(parsed).error();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

}  // namespace srs::hls
