// StreamHeaders: the newest metadata and codec headers of a stream, which every player gets first: one header
// for each kind and track.
//
// Sizes are bounded: no decoder has use for a larger header, and every place where players start would keep
// it. A larger one passes as any other message.
#pragma once

#include <cstdint>
#include <vector>

#include "media/message.h"
#include "media/metadata.h"

namespace srs::media {

class StreamHeaders {
 public:
  static constexpr std::size_t max_metadata_bytes = 1u << 20;
  static constexpr std::size_t max_codec_header_bytes = 64u << 10;
  static constexpr std::size_t max_codec_headers_bytes = 256u << 10;  // of all tracks

  // True if the message is a header that differs from the previous one.
  bool update(const Message& message);

  // Tracks without frames: their headers, and their members of metadata, are kept but not returned.
  void leave_out(TrackSet tracks);

  // Its payload is empty if there is none.
  const Message& metadata() const { return shown_metadata_; }
  // Sorted by kind and track, in the order of sending.
  const std::vector<Message>& codecs() const { return shown_codecs_; }
  // All of these, in the order of sending.
  std::vector<Message> messages() const;
  // Changes with each new header, metadata included.
  std::uint32_t version() const { return version_; }
  std::uint32_t metadata_version() const { return metadata_version_; }

 private:
  bool has_room_for(const Message& message, const Message* replaced) const;
  void show_metadata();
  void show_codecs();

  Message metadata_;
  std::vector<Message> codecs_;  // sorted by header_key()
  TrackSet left_out_;
  Message shown_metadata_;
  std::vector<Message> shown_codecs_;
  std::uint32_t version_ = 0;
  std::uint32_t metadata_version_ = 0;
};

}  // namespace srs::media
