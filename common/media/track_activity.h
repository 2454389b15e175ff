// TrackActivity: whether a track of a stream has frames.
//
// An announced track is active once it has frames, and no longer when it had none for two seconds while the
// stream went on. A track with few frames by nature (a picture every five seconds) comes back each time and
// is given ever longer, a minute at most; half a minute of steady frames makes it two seconds again.
#pragma once

#include <cstdint>

namespace srs::media {

class TrackActivity {
 public:
  static constexpr std::int64_t patience_ms = 2'000;

  // A frame at this time of the stream.
  void add(std::int64_t timestamp_ms);
  // The stream's time jumped to here: nothing was missed meanwhile.
  void rebase(std::int64_t timestamp_ms);
  // Whether it is active when the stream's newest frame is at this time.
  bool active(std::int64_t newest_ms) const { return seen_ && newest_ms - last_ms_ <= patience_ms_; }
  bool seen() const { return seen_; }
  // The time of its newest frame.
  std::int64_t last_ms() const { return last_ms_; }

 private:
  bool seen_ = false;
  std::int64_t last_ms_ = 0;
  std::int64_t steady_since_ms_ = 0;
  std::int64_t patience_ms_ = patience_ms;
};

}  // namespace srs::media
