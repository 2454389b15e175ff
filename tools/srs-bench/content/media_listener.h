// What skimmers report to their listener: one call per complete media message.
#pragma once

#include <cstdint>

#include "media/message.h"

namespace srs::bench {

// Borrowed: valid during the call.
struct MediaMessage {
  flv::TagType type = flv::TagType::script;
  media::MessageKind kind = media::MessageKind::script;
  std::uint32_t timestamp_ms = 0;  // as on the wire
  Bytes payload;                   // its first bytes, or all: see Keep
};

class MediaListener {
 public:
  virtual ~MediaListener() = default;
  // The message is complete.
  virtual void on_media(const MediaMessage& message) = 0;
};

// How much of each payload a skimmer keeps for its listener.
enum class Keep { heads, whole };

// This many bytes of a payload are enough to classify it.
inline constexpr std::size_t peeked_bytes = 24;

}  // namespace srs::bench
