// Playlist: a media playlist of HLS (RFC 8216 section 4), as a value; its text, and back.
//
// parse() reads what format() wrote, for a run that goes on where another one stopped. What a run has to
// know beyond the playlist stands in the same file, in a comment, which players skip: both change in
// the same rename and cannot disagree.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "core/result.h"

namespace srs::hls {

struct Segment {
  std::string uri;  // relative to the playlist: "x/12.ts"
  std::chrono::milliseconds duration{0};
  std::chrono::system_clock::time_point program_date_time;
  bool discontinuity = false;  // between it and the segment before
  bool independent = true;     // begins with a picture that needs no other, or has none
};

struct Playlist {
  int target_duration_s = 0;
  std::uint64_t media_sequence = 0;          // number of the first segment
  std::uint64_t discontinuity_sequence = 0;  // discontinuities that left the list
  std::deque<Segment> segments;
  bool ended = false;
  std::string state;  // one line of words; see Stream

  std::uint64_t next_sequence() const { return media_sequence + segments.size(); }
  std::chrono::milliseconds duration() const;
  // Takes the oldest segment off the list.
  Segment drop_first();
};

std::string format(const Playlist& playlist);
// An error if it is no playlist that format() may have written.
Result<Playlist> parse_playlist(std::string_view text);

// "2026-11-23T08:00:00.125Z"
std::string format_utc(std::chrono::system_clock::time_point time);
Result<std::chrono::system_clock::time_point> parse_utc(std::string_view text);

}  // namespace srs::hls
