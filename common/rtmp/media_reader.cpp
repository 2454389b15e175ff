#include "rtmp/media_reader.h"

#include "media/message.h"

namespace srs::rtmp {
namespace {

constexpr std::size_t string_header_size = 3;  // AMF0 marker and length

}  // namespace

void MediaReader::feed(const Message& message) {
  switch (message.type) {
    case MessageType::audio: ready_.push_back({flv::TagType::audio, message.timestamp_ms, message.payload}); break;
    case MessageType::video: ready_.push_back({flv::TagType::video, message.timestamp_ms, message.payload}); break;
    case MessageType::data_amf0: feed_data(message.payload, message.timestamp_ms); break;
    case MessageType::data_amf3:
      if (!message.payload.empty()) feed_data(message.payload.sub(1, message.payload.size() - 1), message.timestamp_ms);
      break;
    case MessageType::aggregate: feed_aggregate(message); break;
    default: break;
  }
}

void MediaReader::feed_data(Slice payload, std::int64_t timestamp_ms) {
  std::string_view name = media::script_name(payload.bytes());
  if (name == "@setDataFrame") {
    const std::size_t skipped = string_header_size + name.size();
    payload = payload.sub(skipped, payload.size() - skipped);
    name = media::script_name(payload.bytes());
  }
  if (name.empty() || name.starts_with('@') || name.starts_with('|')) return;  // @clearDataFrame, |RtmpSampleAccess
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
    else if (type == 8 || type == 9) ready_.push_back({static_cast<flv::TagType>(type), timestamp_ms, std::move(payload)});
  }
}

std::optional<MediaMessage> MediaReader::next() {
  if (ready_.empty()) return std::nullopt;
  MediaMessage message = std::move(ready_.front());
  ready_.pop_front();
  return message;
}

}  // namespace srs::rtmp
