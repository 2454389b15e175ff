// Verifier: checks one player's stream, message by message, for server faults.
//
// One per verified player, on the player's thread; its findings go into that thread's figures.
#pragma once

#include <cstdint>
#include <optional>

#include "srs-bench/content/clock_sei.h"
#include "srs-bench/content/media_listener.h"
#include "srs-bench/content/reference.h"
#include "srs-bench/figures/figures.h"

namespace srs::bench {

// Checks whether the timestamps of audio or video advance evenly.
class TrackTime {
 public:
  enum class Step { even, back, gap };

  // back: earlier than the previous one. gap: more than five times the mean interval so far, and at least 100
  // ms; more than a second while the mean is unknown.
  Step on_timestamp(std::uint32_t timestamp_ms);

 private:
  media::TimestampUnwrapper unwrapper_;
  std::optional<std::int64_t> last_ms_;
  std::int64_t sum_ms_ = 0;  // of even intervals
  std::int64_t intervals_ = 0;
};

// When messages of a stream were sent, as far as known: from the clock in a picture, or else from an earlier
// onClock.
class StreamClock {
 public:
  // When the message was sent. found: the clock in it.
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
  // reference: null if content is not compared.
  Verifier(ThreadFigures& thread, const Reference* reference);

  // The player connects. A server sends earlier media to joining players: its age is no latency.
  void begin() { joined_ = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }
  // A complete message.
  void on_message(const MediaMessage& message);

 private:
  // One for audio, one for video.
  struct Track {
    TrackTime time;
    std::optional<ReferenceCursor> cursor;
  };

  // False: it differs from the reference.
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
