// Sources of a stream and the output of a Splice, for its tests.
#pragma once

#include <cstdint>
#include <vector>

#include "live/splice.h"
#include "media/annotations.h"
#include "unit/media/media_samples.h"

namespace srs::media {

using flv::TagType;
using std::chrono::milliseconds;

inline constexpr std::int64_t frame_ms = 40;
inline constexpr std::int64_t gop_ms = 1'000;

// A source with a frame every 40 ms, a key frame every second and audio; the content depends on the time
// alone. shift_ms: its timestamp minus that time.
struct Source {
  std::int64_t shift_ms = 0;
  std::size_t key_size = 2'000;
  std::uint8_t content = 0;

  Message video(std::int64_t time_ms) const {
    Message message =
        sample_video(time_ms % gop_ms == 0, time_ms + content, time_ms % gop_ms == 0 ? key_size : 100);
    message.timestamp_ms = time_ms + shift_ms;
    return message;
  }
  Message audio(std::int64_t time_ms) const { return sample_audio(time_ms + shift_ms); }
};

struct Spliced {
  live::Splice splice;
  live::Splice::Clock::time_point zero = live::Splice::Clock::now();
  std::vector<Message> out;

  // The source's frames of [from, to), all received at the wall time `at_ms`, or in real time.
  void play(const Source& source, std::int64_t from_ms, std::int64_t to_ms, std::int64_t at_ms = -1) {
    for (std::int64_t time = from_ms; time < to_ms; time += frame_ms) {
      const auto now = zero + milliseconds(at_ms < 0 ? time : at_ms);
      splice.push(source.video(time), now, out);
      splice.push(source.audio(time + 5), now, out);
    }
  }
  void switch_at(std::int64_t at_ms) { splice.begin_source(zero + milliseconds(at_ms)); }

  std::vector<std::int64_t> times(TagType type) const {
    std::vector<std::int64_t> found;
    for (const Message& message : out)
      if (message.type == type) found.push_back(message.timestamp_ms);
    return found;
  }
  std::size_t discontinuities() const {
    std::size_t count = 0;
    for (const Message& message : out)
      count += message.kind == MessageKind::annotation && !decode_on_clock(message.payload.bytes());
    return count;
  }
};

inline std::vector<std::int64_t> steps(std::int64_t from_ms, std::int64_t to_ms) {
  std::vector<std::int64_t> times;
  for (std::int64_t time = from_ms; time < to_ms; time += frame_ms) times.push_back(time);
  return times;
}

}  // namespace srs::media
