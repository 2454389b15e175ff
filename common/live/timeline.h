// Timeline maps the timestamps of a source onto the absolute timeline of its stream.
//
// Only the ingest that received the source does this. The first source keeps its own timestamps; when it
// comes back (or another replaces it, or its clock jumps), they continue from where the stream was, plus the
// wall time that passed, so that players see one monotonic timeline. Within a track timestamps never go back:
// a step back of less than max_stumble_ms is held, a larger jump starts a new mapping. Jumps are judged per
// track: in a badly interleaved file two tracks lie seconds apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "flv/tag.h"

namespace srs::live {

class Timeline {
 public:
  static constexpr std::int64_t max_stumble_ms = 3'000;
  static constexpr std::int64_t max_jump_ms = 30'000;

  struct Mapped {
    std::int64_t timestamp_ms;
    bool discontinuity;  // the first message after a seam: announce the seam before it
  };

  // The source is back after `silence` of wall time without messages: the next message starts a new mapping.
  void restart(std::chrono::milliseconds silence);

  // Another source of the same timeline takes over: absolute = source + offset_ms, whatever its first
  // timestamp. No effect before the first message.
  void join(std::int64_t offset_ms);
  // absolute - source, currently.
  std::int64_t offset_ms() const { return offset_ms_; }

  // Any thread, one at a time. source_ms: the source's own timestamp, unwrapped.
  Mapped map(flv::TagType type, std::int64_t source_ms);

  // The newest mapped timestamp, -1 before the first.
  std::int64_t newest() const { return newest_; }

 private:
  struct Track {
    std::int64_t last = -1;           // absolute
    std::int64_t newest_source = -1;  // since the newest anchor
    bool seen = false;                // since the newest anchor
  };

  std::int64_t script_time(std::int64_t source_ms);
  bool is_jump(const Track& track, std::int64_t source_ms) const;
  void anchor(std::int64_t source_ms, std::int64_t target_ms);

  bool started_ = false;
  bool restarting_ = false;
  bool joining_ = false;
  std::int64_t silence_ms_ = 0;
  std::int64_t offset_ms_ = 0;  // absolute = source + offset
  std::int64_t newest_ = -1;
  std::int64_t newest_source_ = 0;  // of both tracks, since the newest anchor
  bool remapped_ = false;           // there was more than one anchor
  Track video_, audio_;
  std::int64_t last_script_ = -1;
};

}  // namespace srs::live
