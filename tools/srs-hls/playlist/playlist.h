// Playlist: a media playlist of HLS (RFC 8216 section 4, rfc8216bis for what Low-Latency adds), as a value;
// its text, and back.
//
// parse_playlist() reads what format() wrote, so that a run can continue where another stopped. The state
// that a run needs beyond the playlist is a comment in the same file, which players skip: both change in the
// same rename and cannot disagree.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "srs-hls/time/utc.h"

namespace srs::hls {

struct Part {
  std::string uri;
  std::chrono::milliseconds duration{0};
  bool independent = false;  // begins with a picture that needs no other, or has none
};

struct Segment {
  std::string uri;  // relative to the playlist: "12.ts"
  std::chrono::milliseconds duration{0};
  Utc program_date_time;
  bool discontinuity = false;  // between it and the previous segment
  bool gap = false;            // the file is missing: EXT-X-GAP
  bool independent = true;     // begins with a picture that needs no other, or has none
  std::string map;             // URI of its EXT-X-MAP; empty for containers that need none
  std::string key;             // the attributes of its EXT-X-KEY; empty: not encrypted
  std::vector<Part> parts;     // Low-Latency HLS, newest segments only
  // Not in the text:
  std::uint64_t size_bytes = 0;
  std::chrono::steady_clock::time_point made{};  // by this run; unset otherwise
};

enum class PlaylistType { live, event, vod };

struct Playlist {
  PlaylistType type = PlaylistType::live;
  int target_duration_s = 0;
  std::uint64_t media_sequence = 0;          // number of the first segment
  std::uint64_t discontinuity_sequence = 0;  // discontinuities that have left the list
  std::deque<Segment> segments;
  bool ended = false;
  std::string state;  // one line of words; see Segmenter

  // Low-Latency HLS.
  std::chrono::milliseconds part_target{0};  // 0: no parts
  std::optional<Segment> open;               // the segment after the last one, which has parts already
  std::string hint;                          // URI of the next part; empty if there is none

  std::uint64_t next_sequence() const { return media_sequence + segments.size(); }
  // Whether there is something to play, parts included.
  bool has_media() const { return !segments.empty() || (open && !open->parts.empty()); }
  std::chrono::milliseconds duration() const;
  // Removes the oldest segment from the list.
  Segment drop_first();
};

// Which part of a playlist is written, and how.
struct View {
  std::size_t first = 0;    // index of the first listed segment
  bool parts = false;       // as Low-Latency HLS
  bool skip = false;        // as a delta update, if anything can be skipped (rfc8216bis 6.2.5.1)
  bool from_start = false;  // players should begin with the first segment
  bool state = false;       // with the state comment for the next run
  std::string reports;      // EXT-X-RENDITION-REPORT lines
};

std::string format(const Playlist& playlist, const View& view);
// An error unless format() can have written it, with state, for a file.
Result<Playlist> parse_playlist(std::string_view text);

// Distance from the end of the list beyond which a delta update skips segments (CAN-SKIP-UNTIL).
std::chrono::milliseconds skip_boundary(const Playlist& playlist);

}  // namespace srs::hls
