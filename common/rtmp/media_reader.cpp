#include "rtmp/media_reader.h"

#include "amf/value.h"
#include "media/message.h"

namespace srs::rtmp {
namespace {

constexpr std::size_t string_header_size = 3;  // AMF0 marker and length

// The body of an AMF3 data message: a 0 byte, then AMF0 values with AMF3 ones in between, perhaps.
Slice amf0_of(const Slice& payload) {
  Bytes body = payload.bytes();
  if (!body.empty() && body[0] == 0) body = body.subspan(1);
  ByteWriter writer;
  for (const amf::Value& value : amf::decode_all(body)) amf::encode(value, writer);
  return Slice::copy_of(writer.view());
}

}  // namespace

void MediaReader::feed(const Message& message) {
  switch (message.type) {
    case MessageType::audio:
      feed_track(flv::TagType::audio, message.payload, message.timestamp_ms);
      break;
    case MessageType::video:
      feed_track(flv::TagType::video, message.payload, message.timestamp_ms);
      break;
    case MessageType::data_amf0:
      feed_data(message.payload, message.timestamp_ms);
      break;
    case MessageType::data_amf3:
      feed_data(amf0_of(message.payload), message.timestamp_ms);
      break;
    case MessageType::aggregate:
      feed_aggregate(message);
      break;
    default:
      break;
  }
}

// Encoders send empty messages now and then: there is nothing in them to decode.
void MediaReader::feed_track(flv::TagType type, Slice payload, std::int64_t timestamp_ms) {
  if (!payload.empty()) ready_.push_back({type, timestamp_ms, std::move(payload)});
}

void MediaReader::feed_data(Slice payload, std::int64_t timestamp_ms) {
  std::string_view name = media::script_name(payload.bytes());
  if (name == "@setDataFrame") {
    const std::size_t skipped = string_header_size + name.size();
    payload = payload.sub(skipped, payload.size() - skipped);
    name = media::script_name(payload.bytes());
  }
  if (name.empty() || name.starts_with('@') || name.starts_with('|'))
    return;  // @clearDataFrame, |RtmpSampleAccess
  ready_.push_back({flv::TagType::script, timestamp_ms, std::move(payload)});
}

// FLV tags in one message; their timestamps count from the message's own (Adobe RTMP 1.0, section 7.1.6).
void MediaReader::feed_aggregate(const Message& message) {
  ByteReader reader(message.payload.bytes());
  std::optional<std::uint32_t> first;
  while (reader.remaining() >= flv::tag_header_size) {
    const std::uint8_t type = reader.u8();
    const std::uint32_t size = reader.u24();
    std::uint32_t timestamp = reader.u24();
    timestamp |= static_cast<std::uint32_t>(reader.u8()) << 24;
    reader.skip(3);
    if (size > reader.remaining()) return;
    Slice payload = message.payload.sub(reader.position(), size);
    reader.skip(size);
    reader.skip(std::min<std::size_t>(flv::tag_trailer_size, reader.remaining()));
    if (!first) first = timestamp;
    const std::int64_t timestamp_ms = message.timestamp_ms + static_cast<std::int32_t>(timestamp - *first);
    if (type == 18) feed_data(std::move(payload), timestamp_ms);
    if (type == 8 || type == 9) feed_track(static_cast<flv::TagType>(type), std::move(payload), timestamp_ms);
  }
}

std::optional<MediaMessage> MediaReader::next() {
  if (taken_ < ready_.size()) return std::move(ready_[taken_++]);
  ready_.clear();
  taken_ = 0;
  return std::nullopt;
}

}  // namespace srs::rtmp
