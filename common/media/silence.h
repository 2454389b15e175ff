// Silence replaces sound that stopped.
//
// A player in a browser buffers sound and picture separately and stops when one of them runs dry. So players
// that began with sound get frames of silence (codec::silent_frame) while it is missing; where these cannot
// be made for its codec, they get none.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "media/message.h"

namespace srs::media {

class Silence {
 public:
  // How far silence stays behind the newest frame: sound that returns may be interleaved that late.
  static constexpr std::int64_t behind_ms = 500;

  // The sound's configuration: an audio_header message.
  void set_header(const Message& header);
  // The last frame of sound was at this time.
  void begin(std::int64_t last_frame_ms);
  // The next frame of silence (MessageKind::filler), if one is due when the newest picture is at newest_ms.
  // Frames long overdue are skipped.
  std::optional<Message> next(std::int64_t newest_ms);

 private:
  std::vector<std::uint8_t> payload_;  // empty: none can be made
  double duration_ms_ = 0;             // of a frame
  std::int64_t begun_ms_ = 0;
  std::int64_t frames_ = 0;  // since begun_ms_
};

}  // namespace srs::media
