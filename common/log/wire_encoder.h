// WireEncoder: how messages look on a wire.
//
// An encoder writes into a BoundedWriter and says what it wrote: nobody sums up sizes first and trusts
// that the same bytes come out. (A time that grows beyond 2^24 ms makes RTMP headers longer, and so a size
// that was worked out with another time is wrong.)
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "core/bounded_writer.h"
#include "core/slice.h"
#include "media/message.h"

namespace srs::log {

// Whether a wire carries our own script tags (onClock, ...). Players are not to see them: FFmpeg would show
// them as a data stream.
enum class Annotations : bool { left_out, sent };

// Stateless, shared by all logs of its format and by all threads. One that is owned by a shared_ptr is kept
// by the logs that use it; others must outlive them.
class WireEncoder : public std::enable_shared_from_this<WireEncoder> {
 public:
  struct Encoded {
    std::size_t size = 0;  // bytes written; 0: none
    // Where in them the payload lies in one piece; nothing if it does not.
    std::optional<std::size_t> payload_offset;
  };

  virtual ~WireEncoder() = default;
  // Bytes of room in which any message with such a payload fits, whatever its kind and time.
  virtual std::size_t room_for(std::size_t payload_bytes) const = 0;
  // Nothing is written, or what was has no meaning, if size is 0: the message is not for this wire, its
  // payload is larger than the wire's 24 bits can say, or it does not fit.
  virtual Encoded encode(const media::Message& message, BoundedWriter& to) const = 0;
  // The same wire for those who begin where sound is away: without fillers. Lives as long as this one.
  virtual const WireEncoder& bare() const { return *this; }
};

// A wire for players. One that carries no annotations has fillers, and a bare wire beside it; who asks for
// annotations is a relay, and makes fillers for its own players.
class PlayerWire : public WireEncoder {
 public:
  const WireEncoder& bare() const final { return bare_ ? *bare_ : *this; }

 protected:
  // bare: null if this is the bare wire, or carries annotations.
  PlayerWire(Annotations annotations, std::unique_ptr<const WireEncoder> bare)
      : annotations_(annotations), bare_(std::move(bare)) {}
  bool carries(const media::Message& message) const {
    if (message.kind == media::MessageKind::annotation) return annotations_ == Annotations::sent;
    return message.kind != media::MessageKind::filler || bare_ != nullptr;
  }

 private:
  const Annotations annotations_;
  const std::unique_ptr<const WireEncoder> bare_;
};

// One message as a slice of its own; empty if it is not for this wire.
Slice encode_alone(const WireEncoder& encoder, const media::Message& message);

}  // namespace srs::log
