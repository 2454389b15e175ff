// Verifier: watches one player's stream, message by message, for what a server must not do to it.
//
// One per verified player, on the player's thread; what it finds is added to that thread's figures.
#pragma once

#include <cstdint>
#include <optional>

#include "clock_sei.h"
#include "figures.h"
#include "media_listener.h"
#include "reference.h"

namespace srs::bench {

// The timestamps of audio or of video: whether they go on evenly.
class TrackTime {
 public:
  enum class Step { even, back, gap };

  // back: before the one before. gap: five times the mean interval so far, and 100 ms at least; as long as
  // that is not known, a second.
  Step take(std::uint32_t timestamp_ms);

 private:
  media::TimestampUnwrapper unwrapper_;
  std::optional<std::int64_t> last_ms_;
  std::int64_t sum_ms_ = 0;  // of the intervals that were even
  std::int64_t intervals_ = 0;
};

// When the messages of a stream were sent, as far as the stream tells: by the clock in a picture, or else by
// what onClock said of an earlier timestamp.
class StreamClock {
 public:
  // Of this message. found: the clock in it.
  std::optional<UtcMicroseconds> time_of(const MediaMessage& message, const std::optional<FoundClock>& found);

 private:
  struct Anchor {
    UtcMicroseconds time;
    std::uint32_t timestamp_ms;
  };
  std::optional<Anchor> anchor_;
  bool embedded_ = false;
};

class Verifier {
 public:
  // reference: null if the content is not to be compared.
  Verifier(ThreadFigures& thread, const Reference* reference);

  // The player connects. What was sent before is the past that a server gives to who joins: its age is no
  // latency.
  void begin() { joined_ = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }
  // A whole message.
  void take(const MediaMessage& message);

 private:
  // Of audio or of video.
  struct Track {
    TrackTime time;
    std::optional<ReferenceCursor> cursor;
  };

  // False: it is not what the reference holds.
  bool matches(const MediaMessage& message, const std::optional<FoundClock>& clock);
  Track& track_of(const MediaMessage& message) {
    return message.type == flv::TagType::video ? video_ : audio_;
  }

  ThreadFigures& thread_;
  VerifiedFigures& figures_;
  NalFraming nal_framing_;
  StreamClock clock_;
  UtcMicroseconds joined_{};
  const Reference* reference_;
  Track video_;
  Track audio_;
};

}  // namespace srs::bench
