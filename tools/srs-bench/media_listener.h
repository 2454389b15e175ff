// What the skimmers tell whoever watches: one call per whole message of media.
#pragma once

#include <cstdint>

#include "media/message.h"

namespace srs::bench {

// Borrowed: valid during the call.
struct MediaMessage {
  flv::TagType type = flv::TagType::script;
  media::MessageKind kind = media::MessageKind::script;
  std::uint32_t timestamp_ms = 0;  // as on the wire
  Bytes payload;                   // its first bytes, or all of it: see Keep
};

class MediaListener {
 public:
  virtual ~MediaListener() = default;
  // The last byte of the message has come.
  virtual void on_media(const MediaMessage& message) = 0;
};

// How much of each payload a skimmer keeps for its listener.
enum class Keep { heads, whole };

// So many bytes of a payload tell its kind.
inline constexpr std::size_t peeked_bytes = 24;

}  // namespace srs::bench
