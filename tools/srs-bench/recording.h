// Recording: an FLV file in memory, which every publisher sends again and again.
//
// Read once and shared; it never changes, so any thread may read it.
#pragma once

#include <string>
#include <vector>

#include "clock_sei.h"
#include "core/result.h"
#include "media/message.h"

namespace srs::bench {

class Recording {
 public:
  // A file of one stream, or of many: then the first of them.
  static Result<Recording> load(const std::string& path);

  // Metadata (with its "@setDataFrame") and codec configurations, to be sent first.
  const std::vector<media::Message>& headers() const { return headers_; }
  // Media and what lies between it; timestamps from 0 on.
  const std::vector<media::Message>& messages() const { return messages_; }
  // Of its pictures.
  NalFraming nal_framing() const { return nal_framing_; }
  // From one turn to the next: the length of the media and a frame's time behind it.
  std::int64_t turn_ms() const { return turn_ms_; }

 private:
  friend class RecordingBuilder;
  std::vector<media::Message> headers_;
  std::vector<media::Message> messages_;
  std::int64_t turn_ms_ = 0;
  NalFraming nal_framing_;
};

}  // namespace srs::bench
