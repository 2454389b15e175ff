// Playlist: a media playlist of HLS (RFC 8216 section 4, rfc8216bis for what Low-Latency adds), as a value;
// its text, and back.
//
// parse_playlist() reads what format() wrote, for a run that goes on where another one stopped. What a run
// has to know beyond the playlist stands in the same file, in a comment, which players skip: both change in
// the same rename and cannot disagree.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "utc.h"

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
  bool discontinuity = false;  // between it and the segment before
  bool gap = false;            // it could not be kept: EXT-X-GAP
  bool independent = true;     // begins with a picture that needs no other, or has none
  std::string map;             // URI of its EXT-X-MAP; empty for containers that need none
  std::string key;             // the attributes of its EXT-X-KEY; empty: not encrypted
  std::vector<Part> parts;     // of Low-Latency HLS, the newest segments only
  // Not in the text:
  std::uint64_t size_bytes = 0;
  std::chrono::steady_clock::time_point made{};  // by this run; or never
};

enum class PlaylistType { live, event, vod };

struct Playlist {
  PlaylistType type = PlaylistType::live;
  int target_duration_s = 0;
  std::uint64_t media_sequence = 0;          // number of the first segment
  std::uint64_t discontinuity_sequence = 0;  // discontinuities that left the list
  std::deque<Segment> segments;
  bool ended = false;
  std::string state;  // one line of words; see Segmenter

  // Low-Latency HLS.
  std::chrono::milliseconds part_target{0};  // 0: no parts
  std::optional<Segment> open;               // the segment after the last one, of which there are parts
  std::string hint;                          // URI of the next part; empty if none comes

  std::uint64_t next_sequence() const { return media_sequence + segments.size(); }
  std::chrono::milliseconds duration() const;
  // Takes the oldest segment off the list.
  Segment drop_first();
};

// What of a playlist is told, and how.
struct View {
  std::size_t first = 0;    // index of the first segment that is listed
  bool parts = false;       // as Low-Latency HLS
  bool skip = false;        // as a delta update, if there is something to skip (rfc8216bis 6.2.5.1)
  bool from_start = false;  // players shall begin with the first segment
  bool state = false;       // with the comment for the next run
  std::string reports;      // EXT-X-RENDITION-REPORT lines
};

std::string format(const Playlist& playlist, const View& view);
// An error if it is no playlist that format() may have written, with its state, for a file.
Result<Playlist> parse_playlist(std::string_view text);

// How far from the end of the list a delta update leaves out segments (CAN-SKIP-UNTIL).
std::chrono::milliseconds skip_boundary(const Playlist& playlist);

}  // namespace srs::hls
