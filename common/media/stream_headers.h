// StreamHeaders: the newest metadata and codec headers of a stream, which every player gets first.
//
// Each kind is bounded: what is larger is no header that a decoder has use for, and each place to start at
// would hold on to it. It then goes through as any other message.
#pragma once

#include <cstdint>
#include <vector>

#include "media/message.h"

namespace srs::media {

class StreamHeaders {
 public:
  static constexpr std::size_t max_metadata_bytes = 1u << 20;
  static constexpr std::size_t max_codec_header_bytes = 64u << 10;

  // True if the message is a header that differs from the one before.
  bool update(const Message& message);

  // One without a payload is missing.
  const Message& metadata() const { return metadata_; }
  const Message& video() const { return video_; }
  const Message& audio() const { return audio_; }
  // Those that there are, in the order in which they go out.
  std::vector<Message> messages() const;
  // Changes with each header that differs, and with the metadata.
  std::uint32_t version() const { return version_; }
  std::uint32_t metadata_version() const { return metadata_version_; }

 private:
  Message metadata_, video_, audio_;
  std::uint32_t version_ = 0;
  std::uint32_t metadata_version_ = 0;
};

}  // namespace srs::media
