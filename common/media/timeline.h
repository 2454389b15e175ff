// Timeline maps the timestamps of a source onto the absolute timeline of its stream.
//
// Only the ingest that met the source does this. The first source keeps its own timestamps; when
// it comes back (or another takes its place, or its clock jumps), they go on from where the
// stream was, plus the wall time that passed in between, so that players see one monotonic
// timeline. Within a track timestamps never go back: a source whose timestamps stumble by
// less than max_stumble has them held, a larger jump starts a new mapping.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "flv/tag.h"

namespace srs::media {

class Timeline {
 public:
  static constexpr std::int64_t max_stumble_ms = 3'000;
  static constexpr std::int64_t max_jump_ms = 30'000;

  struct Mapped {
    std::int64_t timestamp_ms;
    bool discontinuity;  // the first message after a seam: announce it before this one
  };

  // The source is back after `silence` of wall time without messages: the next message starts a new mapping.
  void restart(std::chrono::milliseconds silence);

  // Any thread, one at a time. source_ms: the source's own timestamp, unwrapped.
  Mapped map(flv::TagType type, std::int64_t source_ms);

  // The newest timestamp given out, -1 before the first.
  std::int64_t newest() const { return newest_; }

 private:
  std::int64_t script_time(std::int64_t source_ms);
  void anchor(std::int64_t source_ms, std::int64_t target_ms);
  std::int64_t& last_of(flv::TagType type) { return last_[type == flv::TagType::video ? 0 : type == flv::TagType::audio ? 1 : 2]; }

  bool started_ = false;
  bool restarting_ = false;
  std::int64_t silence_ms_ = 0;
  std::int64_t offset_ms_ = 0;  // absolute = source + offset
  std::int64_t newest_ = -1;
  std::int64_t newest_source_ = 0;
  std::int64_t last_[3] = {-1, -1, -1};
};

}  // namespace srs::media
