// Messages for the tests of media/.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/byte_writer.h"
#include "media/message.h"

namespace srs::media {

// An AVC picture of payload_size bytes (5 at least), filled with a pattern that depends on the time.
inline Message sample_video(bool key_frame, std::int64_t timestamp_ms, std::size_t payload_size = 50) {
  std::vector<std::uint8_t> bytes(payload_size);
  for (std::size_t i = 5; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(i * 7 + static_cast<std::size_t>(timestamp_ms));
  bytes[0] = key_frame ? 0x17 : 0x27;
  bytes[1] = 1;
  return make_message(flv::TagType::video, timestamp_ms, Slice::copy_of(bytes));
}

inline Message sample_audio(std::int64_t timestamp_ms, std::size_t payload_size = 20) {
  std::vector<std::uint8_t> bytes(payload_size, 0x55);
  bytes[0] = 0xaf;
  bytes[1] = 1;
  return make_message(flv::TagType::audio, timestamp_ms, Slice::copy_of(bytes));
}

inline Message sample_header(flv::TagType type, std::int64_t timestamp_ms, std::uint8_t content) {
  const bool video = type == flv::TagType::video;
  const std::uint8_t avc[] = {0x17, 0, 0, 0, 0, 1, 0x64, 0, 31, content};
  const std::uint8_t aac[] = {0xaf, 0, 0x12, content};
  return make_message(type, timestamp_ms, Slice::copy_of(video ? Bytes(avc) : Bytes(aac)));
}

// Enhanced RTMP, one track of several: a configuration record or a picture of H.264.
inline Message sample_track_video(std::uint8_t track_id, bool header, bool key_frame,
                                  std::int64_t timestamp_ms, std::uint8_t content = 0) {
  const std::uint8_t first = key_frame || header ? 0x96 : 0xa6;
  const std::uint8_t packet_type = header ? 0 : 1;
  const std::uint8_t bytes[] = {first, packet_type, 'a', 'v', 'c', '1', track_id, 0, 0, 0, 1, content, 0x55};
  return make_message(flv::TagType::video, timestamp_ms, Slice::copy_of(bytes));
}

// Enhanced RTMP's colour metadata.
inline Message sample_colours(std::int64_t timestamp_ms, std::uint8_t content) {
  const std::uint8_t bytes[] = {0x94, 'h', 'v', 'c', '1', 2, 0, 1, content};
  return make_message(flv::TagType::video, timestamp_ms, Slice::copy_of(bytes));
}

// A script tag of this name with an empty object.
inline Message sample_script(std::string_view name, std::int64_t timestamp_ms) {
  ByteWriter writer;
  writer.u8(2);
  writer.u16(name.size());
  writer.text(name);
  writer.u8(3);
  writer.u24(9);
  return make_message(flv::TagType::script, timestamp_ms, Slice::copy_of(writer.view()));
}

}  // namespace srs::media
