// MediaReader: RTMP media messages to FLV payloads, for whoever receives a stream.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rtmp/message.h"

namespace srs::rtmp {

class MediaReader {
 public:
  // Takes audio, video, data and aggregate messages; others are ignored. Data loses its
  // "@setDataFrame" and AMF3 prefix, so that a payload starts with the tag's own name. To be called when
  // next() gives nothing; of who does not ask 16 messages are kept.
  void feed(const Message& message);
  // An aggregate gives its parts one by one: it holds a million of them.
  std::optional<MediaMessage> next();
  bool has_more() const { return taken_ < ready_.size() || !aggregate_.empty(); }
  // Data that was larger than max_data_size, perhaps only once its AMF3 was written as AMF0: it is left out.
  std::uint64_t left_out() const { return left_out_; }

 private:
  void feed_track(flv::TagType type, Slice payload, std::int64_t timestamp_ms);
  void feed_data(Slice payload, std::int64_t timestamp_ms);
  void feed_next_part();

  void put(flv::TagType type, std::int64_t timestamp_ms, Slice payload);

  std::vector<MediaMessage> ready_;
  std::size_t taken_ = 0;
  Slice aggregate_;  // what is left of it
  std::int64_t aggregate_ms_ = 0;
  std::optional<std::uint32_t> first_timestamp_;  // of its parts
  std::uint64_t left_out_ = 0;
};

}  // namespace srs::rtmp
