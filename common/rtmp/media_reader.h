// MediaReader: RTMP media messages to FLV payloads, for whoever receives a stream.
#pragma once

#include <optional>
#include <vector>

#include "rtmp/message.h"

namespace srs::rtmp {

class MediaReader {
 public:
  // Takes audio, video, data and aggregate messages; others are ignored. Data loses its
  // "@setDataFrame" and AMF3 prefix, so that a payload starts with the tag's own name.
  void feed(const Message& message);
  std::optional<MediaMessage> next();

 private:
  void feed_track(flv::TagType type, Slice payload, std::int64_t timestamp_ms);
  void feed_data(Slice payload, std::int64_t timestamp_ms);
  void feed_aggregate(const Message& message);

  std::vector<MediaMessage> ready_;
  std::size_t taken_ = 0;
};

}  // namespace srs::rtmp
