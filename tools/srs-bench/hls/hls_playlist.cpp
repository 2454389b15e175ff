#include "srs-bench/hls/hls_playlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "srs-bench/http/reference.h"

namespace srs::bench {
namespace {

constexpr std::size_t uri_max = 4096;
// Limit of segments, and of parts.
constexpr std::size_t entries_max = 100'000;
constexpr double seconds_max = 1e6;

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The value of an attribute (RFC 8216 section 4.2) without quotation marks; empty if missing.
std::string_view attribute(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t equals = list.find('=');
    if (equals == list.npos) return {};
    const std::string_view found = list.substr(0, equals);
    list.remove_prefix(equals + 1);
    const bool quoted = list.starts_with('"');
    if (quoted) list.remove_prefix(1);
    const std::size_t end = std::min(list.find(quoted ? '"' : ','), list.size());
    const std::string_view value = list.substr(0, end);
    list.remove_prefix(end);
    list.remove_prefix(std::min(list.find(','), list.size()));
    if (!list.empty()) list.remove_prefix(1);
    if (found == name) return value;
  }
  return {};
}

MediaTime seconds(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  if (!(value > 0) || value > seconds_max) return MediaTime(0);
  return MediaTime(std::llround(value * 1e6));
}

std::uint64_t integer(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The rest of a line after the tag; nothing if it has another tag.
std::optional<std::string_view> value_of(std::string_view line, std::string_view tag) {
  if (!line.starts_with(tag)) return {};
  return line.substr(tag.size());
}

class MediaReader {
 public:
  Result<MediaPlaylist> read(std::string_view text) {
    while (!text.empty()) {
      const std::string_view line = next_line(text);
      if (line.empty()) continue;
      if (line[0] != '#') {
        parse_segment(line);
      } else if (line.starts_with("#EXT")) {
        parse_tag(line);
      }
      if (!wrong_.empty()) return Error{Errc::invalid_data, std::string(wrong_)};
      if (line.size() > uri_max || playlist_.parts.size() + playlist_.segments.size() > entries_max)
        return Error{Errc::invalid_data, "a playlist beyond all measure"};
    }
    if (playlist_.target_duration.count() == 0)
      return Error{Errc::invalid_data, "a playlist without EXT-X-TARGETDURATION"};
    finish();
    return std::move(playlist_);
  }

 private:
  void parse_tag(std::string_view line) {
    if (const auto of = value_of(line, "#EXTINF:")) {
      duration_ = seconds(of->substr(0, of->find(',')));
    } else if (const auto part = value_of(line, "#EXT-X-PART:")) {
      parse_part(*part);
    } else if (const auto hint = value_of(line, "#EXT-X-PRELOAD-HINT:")) {
      if (attribute(*hint, "TYPE") == "PART") playlist_.hint = attribute(*hint, "URI");
    } else if (const auto map = value_of(line, "#EXT-X-MAP:")) {
      playlist_.map = attribute(*map, "URI");
      if (!attribute(*map, "BYTERANGE").empty()) wrong_ = ranges;
    } else if (const auto control = value_of(line, "#EXT-X-SERVER-CONTROL:")) {
      playlist_.can_block = attribute(*control, "CAN-BLOCK-RELOAD") == "YES";
      playlist_.hold_back = seconds(attribute(*control, "HOLD-BACK"));
      playlist_.part_hold_back = seconds(attribute(*control, "PART-HOLD-BACK"));
    } else if (const auto info = value_of(line, "#EXT-X-PART-INF:")) {
      playlist_.part_target = seconds(attribute(*info, "PART-TARGET"));
    } else if (const auto target = value_of(line, "#EXT-X-TARGETDURATION:")) {
      playlist_.target_duration = seconds(*target);
    } else if (const auto sequence = value_of(line, "#EXT-X-MEDIA-SEQUENCE:")) {
      playlist_.media_sequence = integer(*sequence);
    } else if (line == "#EXT-X-ENDLIST") {
      playlist_.ended = true;
    } else if (line.starts_with("#EXT-X-BYTERANGE:")) {
      wrong_ = ranges;
    }
  }

  void parse_part(std::string_view of) {
    if (!attribute(of, "BYTERANGE").empty()) wrong_ = ranges;
    HlsPart part;
    part.index = static_cast<std::uint32_t>(playlist_.new_part_count());
    part.duration = seconds(attribute(of, "DURATION"));
    part.start = part_end_;
    part.independent = attribute(of, "INDEPENDENT") == "YES";
    part.uri = attribute(of, "URI");
    part.msn = playlist_.next_msn();
    part_end_ += part.duration;
    playlist_.parts.push_back(std::move(part));
  }

  void parse_segment(std::string_view uri) {
    HlsSegment segment;
    segment.start = playlist_.end;
    segment.duration = duration_;
    segment.uri = uri;
    segment.map = playlist_.map;
    segment.first_part = playlist_.first_new_part;
    segment.part_count = playlist_.new_part_count();
    playlist_.end += duration_;
    part_end_ = playlist_.end;
    playlist_.first_new_part = playlist_.parts.size();
    playlist_.segments.push_back(std::move(segment));
    duration_ = MediaTime(0);
  }

  void finish() {
    playlist_.end = part_end_;
    if (playlist_.hold_back.count() == 0) playlist_.hold_back = 3 * playlist_.target_duration;
    if (playlist_.part_hold_back.count() == 0) playlist_.part_hold_back = 3 * playlist_.part_target;
    // Part numbers are filled in at the end, once EXT-X-MEDIA-SEQUENCE is known.
    for (std::size_t i = 0; i < playlist_.segments.size(); ++i) {
      const HlsSegment& segment = playlist_.segments[i];
      for (std::size_t part = 0; part < segment.part_count; ++part)
        playlist_.parts[segment.first_part + part].msn = playlist_.media_sequence + i;
    }
    for (std::size_t part = playlist_.first_new_part; part < playlist_.parts.size(); ++part)
      playlist_.parts[part].msn = playlist_.next_msn();
  }

  static constexpr std::string_view ranges = "byte ranges in a playlist, which are not supported";
  MediaPlaylist playlist_;
  MediaTime duration_{};
  MediaTime part_end_{};
  std::string_view wrong_;
};

}  // namespace

bool is_multivariant(std::string_view text) {
  return text.find("#EXT-X-STREAM-INF:") != text.npos;
}

Result<MultivariantPlaylist> parse_multivariant(std::string_view text) {
  if (!text.starts_with("#EXTM3U")) return Error{Errc::invalid_data, "this is no playlist"};
  MultivariantPlaylist playlist;
  std::optional<HlsVariant> variant;
  while (!text.empty()) {
    const std::string_view line = next_line(text);
    if (const auto info = value_of(line, "#EXT-X-STREAM-INF:")) {
      variant =
          HlsVariant{integer(attribute(*info, "BANDWIDTH")), {}, std::string(attribute(*info, "AUDIO"))};
    } else if (const auto media = value_of(line, "#EXT-X-MEDIA:")) {
      if (attribute(*media, "TYPE") != "AUDIO") continue;
      playlist.audio.push_back({std::string(attribute(*media, "GROUP-ID")),
                                std::string(attribute(*media, "URI")),
                                attribute(*media, "DEFAULT") == "YES"});
    } else if (variant && !line.empty() && line[0] != '#') {
      variant->uri = line;
      playlist.variants.push_back(*std::exchange(variant, std::nullopt));
    }
  }
  if (playlist.variants.empty()) return Error{Errc::invalid_data, "a multivariant playlist without variants"};
  return playlist;
}

Result<MediaPlaylist> parse_media_playlist(std::string_view text) {
  if (!text.starts_with("#EXTM3U")) return Error{Errc::invalid_data, "this is no playlist"};
  return MediaReader().read(text);
}

std::shared_ptr<const MediaPlaylist> PlaylistCache::read(std::string_view text) {
  for (const Entry& entry : entries_)
    if (entry.playlist && entry.text == text) return entry.playlist;
  auto parsed = parse_media_playlist(text);
  if (!parsed) return nullptr;
  Entry& entry = entries_[oldest_];
  oldest_ = (oldest_ + 1) % entries_.size();
  entry = {std::string(text), std::make_shared<const MediaPlaylist>(*std::move(parsed))};
  return entry.playlist;
}

Result<std::string> resolve_reference(const std::string& base, std::string_view uri,
                                      const std::string& authority) {
  uri = uri.substr(0, uri.find('#'));
  if (uri.starts_with("http://")) {
    uri.remove_prefix(7);
    const std::size_t slash = std::min(uri.find('/'), uri.size());
    if (uri.substr(0, slash) != authority)
      return Error{Errc::unsupported,
                   fmt::format("a playlist leads to another server: {}", uri.substr(0, slash))};
    return slash < uri.size() ? std::string(uri.substr(slash)) : "/";
  }
  if (is_absolute(uri)) return Error{Errc::unsupported, "a playlist leads to another kind of server"};
  std::string path = base.substr(0, base.find('?'));
  if (!uri.starts_with('.')) return resolve_path(path, uri);
  path.resize(path.rfind('/') + 1);
  for (;;) {
    if (uri.starts_with("./")) {
      uri.remove_prefix(2);
    } else if (uri.starts_with("../")) {
      uri.remove_prefix(3);
      if (path.size() > 1) path.resize(path.rfind('/', path.size() - 2) + 1);
    } else {
      return path + std::string(uri);
    }
  }
}

}  // namespace srs::bench
