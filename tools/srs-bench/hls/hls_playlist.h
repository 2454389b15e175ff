// Parses HLS playlists for players (RFC 8216 and draft-pantos-hls-rfc8216bis).
//
// A playlist is parsed once, however many players of a thread receive it: PlaylistCache recognises it by its
// bytes. So thousands of polling players share each revision by pointer. Playlists are immutable; a cache
// belongs to one thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace srs::bench {

using MediaTime = std::chrono::microseconds;

struct HlsPart {
  std::uint64_t msn = 0;  // media sequence number of its segment
  std::uint32_t index = 0;
  MediaTime start{};  // from the start of the playlist's first segment
  MediaTime duration{};
  bool independent = false;
  std::string uri;
};

struct HlsSegment {
  MediaTime start{};  // likewise
  MediaTime duration{};
  std::string uri;
  std::string map;             // EXT-X-MAP; empty if there is none
  std::size_t first_part = 0;  // of MediaPlaylist::parts
  std::size_t part_count = 0;  // 0: none listed
};

struct MediaPlaylist {
  MediaTime target_duration{};
  MediaTime part_target{};     // 0: no EXT-X-PART-INF
  MediaTime hold_back{};       // as given, or three target durations
  MediaTime part_hold_back{};  // as given, or three part targets
  bool can_block = false;
  bool ended = false;
  std::uint64_t media_sequence = 0;
  std::vector<HlsSegment> segments;  // whole ones
  std::vector<HlsPart> parts;        // those of `segments`, then those of the open segment
  std::size_t first_new_part = 0;    // of the open segment
  std::string map;                   // of the segments after the last one
  std::string hint;                  // URI of the next part; may be empty
  MediaTime end{};                   // of the last segment or part

  bool is_low_latency() const { return can_block && part_target.count() > 0; }
  // Of the open segment.
  std::uint64_t next_msn() const { return media_sequence + segments.size(); }
  std::size_t new_part_count() const { return parts.size() - first_new_part; }
};

struct HlsVariant {
  std::uint64_t bandwidth = 0;
  std::string uri;
  std::string audio;  // group of renditions; may be empty
};
struct HlsAudio {
  std::string group;
  std::string uri;  // empty: audio is in the variant
  bool is_default = false;
};
struct MultivariantPlaylist {
  std::vector<HlsVariant> variants;
  std::vector<HlsAudio> audio;
};

bool is_multivariant(std::string_view text);
Result<MultivariantPlaylist> parse_multivariant(std::string_view text);
Result<MediaPlaylist> parse_media_playlist(std::string_view text);

class PlaylistCache {
 public:
  // Null: not a playlist.
  std::shared_ptr<const MediaPlaylist> read(std::string_view text);

 private:
  struct Entry {
    std::string text;
    std::shared_ptr<const MediaPlaylist> playlist;
  };
  // Enough for a few streams and renditions, and for players that are a revision behind.
  std::array<Entry, 8> entries_;
  std::size_t oldest_ = 0;
};

// Path and query of a URI in the playlist at `base` (path and query; RFC 3986 section 5.2). An error if it is
// on another server than `authority`.
Result<std::string> resolve_reference(const std::string& base, std::string_view uri,
                                      const std::string& authority);

}  // namespace srs::bench
