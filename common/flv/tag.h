// Tag: one FLV tag (Adobe FLV 10.1, annex E.4.1) as the tools pass it around.
//
// On a pipe with many streams the 24-bit StreamID of the tag header is the channel number
// (1 and up); on a plain FLV file it is 0. See srs-pipe(5).
#pragma once

#include <cstdint>

#include "core/bounded_writer.h"
#include "core/byte_reader.h"
#include "core/byte_writer.h"
#include "core/slice.h"

namespace srs::flv {

enum class TagType : std::uint8_t { audio = 8, video = 9, script = 18 };

inline constexpr std::size_t tag_header_size = 11;
inline constexpr std::size_t tag_trailer_size = 4;  // PreviousTagSize
inline constexpr std::size_t max_payload_size = (1u << 24) - 1;
inline constexpr std::uint32_t max_stream_id = (1u << 24) - 1;

struct Tag {
  TagType type = TagType::script;
  std::uint32_t stream_id = 0;
  std::uint32_t timestamp_ms = 0;  // as on the wire: wraps at 2^32
  Slice payload;
  // In its block the payload has the tag's own header right before it and a correct PreviousTagSize right
  // after it: the unchanged tag can be written in one piece.
  bool framed = false;
};

// Writes the 11 bytes before a payload.
inline void store_tag_header(std::uint8_t* to, TagType type, std::size_t payload_size,
                             std::uint32_t timestamp_ms, std::uint32_t stream_id) {
  to[0] = static_cast<std::uint8_t>(type);
  store_u24(to + 1, static_cast<std::uint32_t>(payload_size));
  store_u24(to + 4, timestamp_ms & 0xffffff);
  to[7] = static_cast<std::uint8_t>(timestamp_ms >> 24);
  store_u24(to + 8, stream_id);
}

// Writes the 4 bytes after a payload.
inline void store_tag_trailer(std::uint8_t* to, std::size_t payload_size) {
  store_u32(to, static_cast<std::uint32_t>(tag_header_size + payload_size));
}

// Writes a whole tag. False, with nothing useful written, if the payload is larger than a tag's 24-bit size
// or does not fit.
inline bool write_tag(BoundedWriter& to, TagType type, std::uint32_t timestamp_ms, std::uint32_t stream_id,
                      Bytes payload) {
  if (payload.size() > max_payload_size || stream_id > max_stream_id) return false;
  if (std::uint8_t* header = to.reserve(tag_header_size))
    store_tag_header(header, type, payload.size(), timestamp_ms, stream_id);
  to.bytes(payload);
  to.u32(tag_header_size + payload.size());
  return !to.failed();
}

// The file header followed by PreviousTagSize0: 13 bytes.
inline constexpr std::size_t file_header_size = 13;
inline void store_file_header(std::uint8_t* to, bool has_audio, bool has_video) {
  const std::uint8_t flags = static_cast<std::uint8_t>((has_audio ? 4 : 0) | (has_video ? 1 : 0));
  const std::uint8_t header[file_header_size] = {'F', 'L', 'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0};
  for (std::size_t i = 0; i < file_header_size; ++i) to[i] = header[i];
}

}  // namespace srs::flv
