// FlvWire: FLV tags as HTTP-FLV players get them, StreamID 0, absolute timestamps.
#pragma once

#include <string_view>

#include "log/wire_encoder.h"

namespace srs::log {

// How the bytes of a stream without an end in sight are framed: as they are, or each tag as a chunk of
// HTTP/1.1 (RFC 9112 7.1), by which a player can tell the stream's end from a loss of the connection.
enum class Framing : bool { plain, chunked };

class FlvWire : public PlayerWire {
 public:
  explicit FlvWire(Annotations annotations = Annotations::left_out, Framing framing = Framing::plain)
      : PlayerWire(annotations, annotations == Annotations::sent
                                    ? nullptr
                                    : std::unique_ptr<const WireEncoder>(new FlvWire(Bare(), framing))),
        framing_(framing) {}

  std::size_t room_for(std::size_t payload_bytes) const override;
  Encoded encode(const media::Message& message, BoundedWriter& to) const override;

 private:
  struct Bare {};
  FlvWire(Bare, Framing framing) : PlayerWire(Annotations::left_out, nullptr), framing_(framing) {}

  const Framing framing_;
};

// The bytes as one chunk; and what ends a body of chunks.
Slice http_chunk(Bytes bytes);
inline constexpr std::string_view last_http_chunk = "0\r\n\r\n";

}  // namespace srs::log
