// Recording: an FLV file in memory, which every publisher sends in a loop.
//
// Read once, shared and immutable: any thread may read it.
#pragma once

#include <string>
#include <vector>

#include "core/result.h"
#include "media/message.h"
#include "srs-bench/content/clock_sei.h"

namespace srs::bench {

class Recording {
 public:
  // Loads a file of one stream, or the first stream of many.
  static Result<Recording> load(const std::string& path);

  // Metadata (with its "@setDataFrame") and codec configurations, which are sent first.
  const std::vector<media::Message>& headers() const { return headers_; }
  // Media and the messages between; timestamps start at 0.
  const std::vector<media::Message>& messages() const { return messages_; }
  // Of its pictures.
  NalFraming nal_framing() const { return nal_framing_; }
  // Duration of one loop: the length of the media plus one frame.
  std::int64_t turn_ms() const { return turn_ms_; }

 private:
  friend class RecordingBuilder;
  std::vector<media::Message> headers_;
  std::vector<media::Message> messages_;
  std::int64_t turn_ms_ = 0;
  NalFraming nal_framing_;
};

}  // namespace srs::bench
