// PreparedStream: an FLV file as the bytes of a wire, encoded once by the relay's own encoders, for playing
// in a loop in real time.
//
// The bytes of one turn are contiguous. Each turn sends the same bytes, with two things written into each
// message when due: its timestamp, which continues from turn to turn, and a picture's clock, as srs-bench
// publish embeds it. So each thread needs its own copy.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "media/message.h"
#include "srs-bench/content/clock_sei.h"

namespace srs::bench_floor {

enum class Wire { http_flv, rtmp };

struct PreparedMessage {
  std::size_t at = 0;  // in bytes()
  std::size_t size = 0;
  std::int64_t timestamp_ms = 0;  // from 0 on, in each turn
  bool is_video = false;
  bool is_key_frame = false;
  // The clock unit in a picture, size 0 if none; and the picture without it, to make the next one from.
  std::size_t clock_at = 0;
  std::size_t clock_size = 0;
  Slice picture;
};

class PreparedStream {
 public:
  // A file of one stream with video. Everything before its first key frame is dropped.
  static Result<PreparedStream> load(const std::string& path, Wire wire);

  // Sent to a player first: the FLV file header, metadata, codec configurations.
  Bytes prelude() const { return prelude_; }
  // Of one turn; never empty.
  const std::vector<PreparedMessage>& messages() const { return messages_; }
  Bytes bytes() const { return bytes_; }
  // From one turn to the next: the length of the media plus a frame's time.
  std::int64_t turn_ms() const { return turn_ms_; }

  // Writes this timestamp into a message, and its due time into its clock, if it has one. False after 4.6
  // hours, the range of a three-byte RTMP timestamp.
  bool stamp(const PreparedMessage& message, std::int64_t timestamp_ms, bench::UtcMicroseconds due);

 private:
  bool set_timestamp(const PreparedMessage& message, std::int64_t timestamp_ms);
  void prepare(const std::vector<media::Message>& messages);
  void embed_clock(media::Message& message, PreparedMessage& prepared) const;

  Wire wire_ = Wire::http_flv;
  std::vector<std::uint8_t> prelude_;
  std::vector<std::uint8_t> bytes_;
  std::vector<PreparedMessage> messages_;
  std::int64_t turn_ms_ = 0;
  bench::NalFraming framing_;
};

}  // namespace srs::bench_floor
