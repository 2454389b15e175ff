// MediaReader turns RTMP media messages into FLV payloads, for servers and clients that receive a stream.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "rtmp/message.h"

namespace srs::rtmp {

class MediaReader {
 public:
  // Accepts audio, video, data and aggregate messages; others are ignored. Data loses its "@setDataFrame" and
  // AMF3 prefix, so that a payload starts with the tag's own name. Call it when next() returns nothing;
  // otherwise at most 16 messages are kept.
  void feed(const Message& message);
  // An aggregate's parts are returned one by one: there may be a million.
  std::optional<MediaMessage> next();
  bool has_more() const { return next_ < ready_.size() || !aggregate_.empty(); }
  // Data messages dropped as larger than max_data_size, perhaps only once their AMF3 was written as AMF0.
  std::uint64_t left_out() const { return left_out_; }

 private:
  void feed_track(flv::TagType type, Slice payload, std::int64_t timestamp_ms);
  void feed_data(Slice payload, std::int64_t timestamp_ms);
  void feed_next_part();

  void add(flv::TagType type, std::int64_t timestamp_ms, Slice payload);

  std::vector<MediaMessage> ready_;
  std::size_t next_ = 0;
  Slice aggregate_;  // the parts not returned yet
  std::int64_t aggregate_ms_ = 0;
  std::optional<std::uint32_t> first_timestamp_;  // of its parts
  std::uint64_t left_out_ = 0;
};

}  // namespace srs::rtmp
