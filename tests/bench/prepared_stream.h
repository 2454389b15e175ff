// PreparedStream: an FLV file as the bytes of a wire, encoded once by the relay's own encoders, to be
// played again and again in real time.
//
// The bytes of one turn lie in one piece. Turn after turn the same bytes are sent, with two things written
// into each message as it falls due: its timestamp, which goes on from turn to turn, and the clock of a
// picture, as srs-bench publish embeds it. So each thread has a copy of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "core/result.h"
#include "media/message.h"
#include "srs-bench/clock_sei.h"

namespace srs::bench_floor {

enum class Wire { http_flv, rtmp };

struct PreparedMessage {
  std::size_t at = 0;  // in bytes()
  std::size_t size = 0;
  std::int64_t timestamp_ms = 0;  // from 0 on, in each turn
  bool is_video = false;
  bool is_key_frame = false;
  // The clock unit in a picture; none: size 0. The picture without it, to make the next one from.
  std::size_t clock_at = 0;
  std::size_t clock_size = 0;
  Slice picture;
};

class PreparedStream {
 public:
  // A file of one stream with video. What stands before its first key frame is left out.
  static Result<PreparedStream> load(const std::string& path, Wire wire);

  // What a player is sent first: the FLV file header, metadata, codec configurations.
  Bytes prelude() const { return prelude_; }
  // Of one turn; never empty.
  const std::vector<PreparedMessage>& messages() const { return messages_; }
  Bytes bytes() const { return bytes_; }
  // From one turn to the next: the length of the media and a frame's time behind it.
  std::int64_t turn_ms() const { return turn_ms_; }

  // Makes a message say this timestamp, and its clock, if it has one, the time at which it is due.
  // An RTMP timestamp of three bytes lasts for 4.6 hours: then false.
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
