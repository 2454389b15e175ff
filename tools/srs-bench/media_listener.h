// What the skimmers tell whoever counts: one call per whole message of media.
#pragma once

#include <cstdint>

#include "media/message.h"

namespace srs::bench {

class MediaListener {
 public:
  virtual ~MediaListener() = default;
  // The last byte of the message has come. Its payload was not kept.
  virtual void on_media(media::MessageKind kind, std::uint32_t timestamp_ms) = 0;
};

// So many bytes of a payload tell its kind.
inline constexpr std::size_t peeked_bytes = 24;

}  // namespace srs::bench
