// LongGop detects that an encoder's key frames are too far apart. All viewers pay for that: players begin at
// a key frame, and so do segments.
//
// Gets the messages of a stream in order. Only time between pictures counts: a camera that was off for a
// while is not the encoder's fault. Of several tracks only the first one's key frames count. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "media/message.h"

namespace srs::media {

class LongGop {
 public:
  using Duration = std::chrono::milliseconds;

  // Above the usual settings of 2 s or 4 s; live servers ask for no more.
  static constexpr Duration default_limit{5'000};
  // A longer time without a picture is a pause.
  static constexpr Duration pause{1'000};

  explicit LongGop(Duration limit = default_limit) : limit_(limit) {}

  // The distance of the newest two key frames, once, when it first exceeds the limit. Without a further key
  // frame, it is reported after a minute.
  std::optional<Duration> add(const Message& message);

 private:
  static constexpr Duration longest{60'000};

  std::optional<Duration> report(Duration distance);

  const Duration limit_;
  std::optional<std::int64_t> key_ms_, last_ms_;
  bool reported_ = false;
};

}  // namespace srs::media
