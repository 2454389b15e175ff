#include "log/flv_wire.h"

#include <charconv>

namespace srs::log {
namespace {

// Metadata holds for the whole stream and says 0: FFmpeg makes a subtitle stream of a later one.
std::uint32_t wire_timestamp(const media::Message& message) {
  return message.kind == media::MessageKind::metadata ? 0 : static_cast<std::uint32_t>(message.timestamp_ms);
}

constexpr std::string_view chunk_end = "\r\n";
// A size in up to eight hexadecimal digits.
constexpr std::size_t chunk_overhead = 8 + 2 * chunk_end.size();

void put_text(BoundedWriter& to, std::string_view text) {
  to.bytes({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

void put_chunk_size(BoundedWriter& to, std::size_t size) {
  char digits[8];
  const auto written = std::to_chars(digits, digits + sizeof digits, static_cast<std::uint32_t>(size), 16);
  put_text(to, {digits, static_cast<std::size_t>(written.ptr - digits)});
  put_text(to, chunk_end);
}

}  // namespace

std::size_t FlvWire::room_for(std::size_t payload_bytes) const {
  const std::size_t overhead = framing_ == Framing::chunked ? chunk_overhead : 0;
  return overhead + flv::tag_header_size + payload_bytes + flv::tag_trailer_size;
}

WireEncoder::Encoded FlvWire::encode(const media::Message& message, BoundedWriter& to) const {
  if (!carries(message)) return {};
  const std::size_t start = to.size();
  if (framing_ == Framing::chunked)
    put_chunk_size(to, flv::tag_header_size + message.payload.size() + flv::tag_trailer_size);
  const std::size_t tag_at = to.size() - start;
  if (!flv::write_tag(to, message.type, wire_timestamp(message), 0, message.payload.bytes())) return {};
  if (framing_ == Framing::chunked) put_text(to, chunk_end);
  if (to.failed()) return {};
  return {to.size() - start, tag_at + flv::tag_header_size};
}

Slice http_chunk(Bytes bytes) {
  const std::size_t room = bytes.size() + chunk_overhead;
  Block block = make_block(room);
  BoundedWriter writer({block.get(), room});
  put_chunk_size(writer, bytes.size());
  writer.bytes(bytes);
  put_text(writer, chunk_end);
  const Bytes written(block.get(), writer.size());
  return Slice(std::move(block), written);
}

}  // namespace srs::log
